// Vectors of the instruction set this file is compiled for, by compiler extensions
// only. Everything here has internal linkage or lives in the instruction set's own
// namespace: a symbol shared with another set could crash an older processor.
#pragma once

#include <stdint.h>
#include <string.h>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define PH_LANES 16
#elif defined(__AVX__)
#define PH_LANES 8
#else
#define PH_LANES 4
#endif

namespace pronghorn {
namespace PRONGHORN_ISA_NAME {

constexpr int kLanes = PH_LANES;

// The element alignment makes every load and store an unaligned one; `may_alias`
// lets a register tile hold floats, integers or bits.
typedef float vf __attribute__((vector_size(4 * PH_LANES), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(4 * PH_LANES), aligned(4), may_alias));
typedef uint32_t vu __attribute__((vector_size(4 * PH_LANES), aligned(4), may_alias));

// Named lane by lane: `vf{} + x` is an addition, which takes the place of a
// multiplication on processors whose ports do both.
static inline vf splat(float x) {
#if PH_LANES == 16
  return vf{x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
#elif PH_LANES == 8
  return vf{x, x, x, x, x, x, x, x};
#else
  return vf{x, x, x, x};
#endif
}
static inline vi splat_int(int32_t x) { return vi{} + x; }

static inline vf load(const float* p) { return *reinterpret_cast<const vf*>(p); }
static inline void store(float* p, vf x) { *reinterpret_cast<vf*>(p) = x; }

// A vector's first lanes; what is not read is zero.
#if defined(__AVX512F__)
constexpr bool kPartial = true;
static inline __mmask16 first_lanes(int64_t n) { return (__mmask16)((1u << n) - 1); }
static inline vf load_part(const float* p, int64_t n) {
  return (vf)_mm512_maskz_loadu_ps(first_lanes(n), p);
}
static inline void store_part(float* p, vf x, int64_t n) {
  _mm512_mask_storeu_ps(p, first_lanes(n), (__m512)x);
}
#else
constexpr bool kPartial = false;
static inline vf load_part(const float* p, int64_t) { return load(p); }
static inline void store_part(float* p, vf x, int64_t) { store(p, x); }
#endif

static inline vi bits(vf x) { return reinterpret_cast<vi&>(x); }
static inline vf from_bits(vi x) { return reinterpret_cast<vf&>(x); }

// The 4 bytes at an address in every lane, whatever they are: arithmetic would lose the
// bits of small integers, which are denormal floats.
static inline vf splat_bits(const float* p) {
  int32_t x;
  memcpy(&x, p, 4);
  return from_bits(splat_int(x));
}

static inline vf select(vi mask, vf yes, vf no) {
  return from_bits((bits(yes) & mask) | (bits(no) & ~mask));
}
static inline vi select_int(vi mask, vi yes, vi no) {
  return (yes & mask) | (no & ~mask);
}

static inline vf to_float(vi x) { return __builtin_convertvector(x, vf); }
static inline vi to_int(vf x) { return __builtin_convertvector(x, vi); }

}  // namespace PRONGHORN_ISA_NAME
}  // namespace pronghorn
