// The wrappers that `-Wl,--wrap=NAME` puts before each function that gives memory; the
// same list stands in CMakeLists.txt.
#include "allocations.h"

#include <stddef.h>
#include <sys/types.h>

namespace {

int64_t count;

void seen() { __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED); }

}  // namespace

int64_t allocations() { return __atomic_load_n(&count, __ATOMIC_RELAXED); }

#define WRAP(result, name, parameters, arguments) \
  extern "C" result __real_##name parameters;     \
  extern "C" result __wrap_##name parameters {    \
    seen();                                       \
    return __real_##name arguments;               \
  }

WRAP(void*, malloc, (size_t n), (n))
WRAP(void*, calloc, (size_t n, size_t size), (n, size))
WRAP(void*, realloc, (void* p, size_t n), (p, n))
WRAP(void*, aligned_alloc, (size_t line, size_t n), (line, n))
WRAP(int, posix_memalign, (void** p, size_t line, size_t n), (p, line, n))
WRAP(void*, mmap, (void* p, size_t n, int a, int b, int c, off_t d), (p, n, a, b, c, d))
// operator new and new[], plain and for lines.
WRAP(void*, _Znwm, (size_t n), (n))
WRAP(void*, _Znam, (size_t n), (n))
WRAP(void*, _ZnwmSt11align_val_t, (size_t n, size_t line), (n, line))
WRAP(void*, _ZnamSt11align_val_t, (size_t n, size_t line), (n, line))
