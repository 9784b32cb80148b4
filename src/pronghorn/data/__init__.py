"""Tables: frames into arrays, files into columns, columns into a schema, rows apart."""
