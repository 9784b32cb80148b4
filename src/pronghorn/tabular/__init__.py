"""Raw columns into what a net is fed with: encoders fitted on training rows."""
