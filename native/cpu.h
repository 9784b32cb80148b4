// What the processor can do, and how it treats denormal numbers.
#pragma once

#include <stdint.h>

namespace pronghorn {

struct Kernels;

// The best instruction set of this machine, or the one that PRONGHORN_ISA names; null
// if that one is unknown or the machine lacks it.
const Kernels* choose_kernels(const char* wanted);
// The instruction sets that this machine can run, best last; ends with null.
const Kernels* const* available_kernels();

// Denormals become zero: optimizer moments decay into them, and they are slow.
uint64_t set_flush_to_zero();  // returns what was
void restore_float_mode(uint64_t mode);

static inline void cpu_pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace pronghorn
