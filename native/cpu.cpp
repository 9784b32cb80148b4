#include "cpu.h"

#include <string.h>

#include "kernels/kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(PRONGHORN_AMX)
#include <sys/syscall.h>
#include <unistd.h>

#include "amx/products.h"
#endif

namespace pronghorn {

#if defined(__x86_64__)
namespace baseline {
extern const Kernels kernels;
}
namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}
#elif defined(__aarch64__)
namespace neon {
extern const Kernels kernels;
}
#else
namespace baseline {
extern const Kernels kernels;
}
#endif

namespace {

#if defined(__x86_64__)

uint64_t enabled_by_system() {  // which registers the system saves: xgetbv
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

#if defined(PRONGHORN_AMX)

// The system keeps room for the tile unit's registers in the process that asks for it.
bool tiles_granted() {
  constexpr int kRequest = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM
  return syscall(SYS_arch_prctl, kRequest, kTileData) == 0;
}

void find_tiles(uint64_t system, const Kernels** found) {
  constexpr uint32_t kBfloat16 = 1u << 22, kTiles = 1u << 24, kRegisters = 0x60000;
  uint32_t a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
  if (!(d & kBfloat16) || !(d & kTiles) || (system & kRegisters) != kRegisters) return;
  if (tiles_granted()) *found = amx::kernels();
}

#else
void find_tiles(uint64_t, const Kernels**) {}
#endif

void find(const Kernels** found) {
  *found++ = &baseline::kernels;
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return;
  bool saves = c & bit_OSXSAVE, avx = c & bit_AVX, fma = c & bit_FMA;
  if (!saves || !avx || !fma) return;
  uint64_t system = enabled_by_system();
  if ((system & 0x6) != 0x6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
  if (!(b & bit_AVX2)) return;
  *found++ = &avx2::kernels;
  const uint32_t wanted = bit_AVX512F | bit_AVX512DQ | bit_AVX512VL | bit_AVX512BW;
  if ((system & 0xe6) != 0xe6 || (b & wanted) != wanted) return;
  *found++ = &avx512::kernels;
  find_tiles(system, found);
}

#elif defined(__aarch64__)

void find(const Kernels** found) { *found = &neon::kernels; }

#else

void find(const Kernels** found) { *found = &baseline::kernels; }

#endif

}  // namespace

const Kernels* const* available_kernels() {
  static const Kernels* found[5];
  if (!found[0]) find(found);
  return found;
}

const Kernels* choose_kernels(const char* wanted) {
  const Kernels* best = nullptr;
  for (const Kernels* const* k = available_kernels(); *k; k++)
    if (!wanted || !*wanted || !strcmp(wanted, (*k)->name)) best = *k;
  return best;
}

#if defined(__x86_64__)

uint64_t set_flush_to_zero() {
  uint32_t mode = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(mode | 0x8040);  // flush to zero, denormals are zero
  return mode;
}

void restore_float_mode(uint64_t mode) { __builtin_ia32_ldmxcsr((uint32_t)mode); }

#elif defined(__aarch64__)

uint64_t set_flush_to_zero() {
  uint64_t mode;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  asm volatile("msr fpcr, %0" : : "r"(mode | (uint64_t)1 << 24));
  return mode;
}

void restore_float_mode(uint64_t mode) { asm volatile("msr fpcr, %0" : : "r"(mode)); }

#else

uint64_t set_flush_to_zero() { return 0; }
void restore_float_mode(uint64_t) {}

#endif

}  // namespace pronghorn
