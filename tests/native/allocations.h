// Counting what is allocated: the linker sends the calls of all objects here first.
#pragma once

#include <stdint.h>

// How often malloc, calloc, realloc, aligned allocation, mmap or new were called since
// the start, by any thread.
int64_t allocations();
