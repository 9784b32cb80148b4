// The formula of each micro-operation that has a vector form; bits of integers travel
// as floats.
#pragma once

#include <math.h>

#include "../program.h"
#include "../rng.h"
#include "elementary.h"

namespace pronghorn {
namespace PRONGHORN_ISA_NAME {

static inline vf truth(vi mask) { return from_bits(mask & bits(splat(1.0f))); }
static inline vf int_in_float(vi x) { return from_bits(x); }

#if defined(__AVX512F__)
// Square roots as the instruction rounds them, without the divider, which an
// optimizer's quotient keeps busy: Newton's step on 1 / sqrt(x), then one on sqrt(x)
// whose remainder is exact (Markstein 2004, "Software Division and Square Root Using
// Goldschmidt's Algorithms"). False where a remainder could be denormal, for zero,
// infinities, NaN and negative numbers.
static inline bool sqrt_by_steps(vf* x) {
  constexpr int kLeast = 0x0d800000, kEnd = 0x7f800000;  // 2^-100, infinity
  const __m512i span = _mm512_set1_epi32(kEnd - kLeast);
  __m512i above = _mm512_sub_epi32((__m512i)*x, _mm512_set1_epi32(kLeast));
  if (__builtin_expect(_mm512_cmpge_epu32_mask(above, span) != 0, 0)) return false;
  const __m512 half = _mm512_set1_ps(0.5f), v = (__m512)*x;
  __m512 start = _mm512_maskz_rsqrt14_ps(0xffff, v);
  __m512 h = _mm512_mul_ps(start, half), s = _mm512_mul_ps(v, start);
  __m512 off = _mm512_fnmadd_ps(s, h, half);
  h = _mm512_fmadd_ps(h, off, h);
  s = _mm512_fmadd_ps(s, off, s);
  __m512 rest = _mm512_fnmadd_ps(s, s, v);
  *x = (vf)_mm512_fmadd_ps(rest, h, s);
  return true;
}
#endif

static inline vf sqrt_v(vf x) {
#if defined(__AVX512F__)
  if (sqrt_by_steps(&x)) return x;
#endif
  float lane[kLanes];  // compilers make one instruction of this
  store(lane, x);
  for (int i = 0; i < kLanes; i++) lane[i] = __builtin_sqrtf(lane[i]);
  return load(lane);
}

// The remainder with the sign of the divisor.
static inline float floor_mod(float a, float b) {
  float r = fmodf(a, b);
  return r != 0 ? ((r < 0) != (b < 0) ? r + b : r) : copysignf(0.0f, b);
}
static inline vi wrap_add(vi a, vi b) { return (vi)((vu)a + (vu)b); }
static inline vi wrap_sub(vi a, vi b) { return (vi)((vu)a - (vu)b); }
static inline vi wrap_mul(vi a, vi b) { return (vi)((vu)a * (vu)b); }
static inline int32_t floor_div(int32_t a, int32_t b) {
  if (b == 0 || (b == -1 && a == INT32_MIN)) return b ? a : 0;
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}
static inline int32_t int_floor_mod(int32_t a, int32_t b) {
  if (b == 0 || b == -1) return 0;
  int32_t r = a % b;
  return r && (r < 0) != (b < 0) ? r + b : r;
}

template <int Name>
struct Formula;

#define PH_FORMULA(name, formula)                                     \
  template <>                                                         \
  struct Formula<MICRO_##name> {                                      \
    static inline vf of([[maybe_unused]] vf a, [[maybe_unused]] vf b, \
                        [[maybe_unused]] vf c) {                      \
      [[maybe_unused]] vi ia = bits(a), ib = bits(b);                 \
      return formula;                                                 \
    }                                                                 \
  };

PH_FORMULA(move, a)
PH_FORMULA(neg, -a)
PH_FORMULA(exp, exp_v(a))
PH_FORMULA(log, log_v(a))
PH_FORMULA(log1p, log1p_v(a))
PH_FORMULA(expm1, expm1_v(a))
PH_FORMULA(sqrt, sqrt_v(a))
PH_FORMULA(tanh, tanh_v(a))
PH_FORMULA(sigmoid, sigmoid_v(a))
PH_FORMULA(erf, erf_v(a))
PH_FORMULA(abs, abs_v(a))
PH_FORMULA(sign, sign_v(a))
PH_FORMULA(floor, floor_v(a))
PH_FORMULA(round, round_v(a))
PH_FORMULA(relu, select(a < 0.0f, vf{}, a))
PH_FORMULA(add, a + b)
PH_FORMULA(sub, a - b)
PH_FORMULA(mul, a* b)
PH_FORMULA(div, a / b)
PH_FORMULA(maximum, select((a >= b) | (a != a), a, b))
PH_FORMULA(minimum, select((a <= b) | (a != a), a, b))
PH_FORMULA(equal, truth(a == b))
PH_FORMULA(less, truth(a < b))
PH_FORMULA(less_equal, truth(a <= b))
PH_FORMULA(where, select(a != 0.0f, b, c))
PH_FORMULA(int_neg, int_in_float(wrap_sub(vi{}, ia)))
PH_FORMULA(int_abs, int_in_float(select_int(ia < 0, wrap_sub(vi{}, ia), ia)))
PH_FORMULA(int_sign, int_in_float((ia < 0) - (ia > 0)))
PH_FORMULA(int_relu, int_in_float(ia&(ia > 0)))
PH_FORMULA(int_add, int_in_float(wrap_add(ia, ib)))
PH_FORMULA(int_sub, int_in_float(wrap_sub(ia, ib)))
PH_FORMULA(int_mul, int_in_float(wrap_mul(ia, ib)))
PH_FORMULA(int_maximum, int_in_float(select_int(ia > ib, ia, ib)))
PH_FORMULA(int_minimum, int_in_float(select_int(ia < ib, ia, ib)))
PH_FORMULA(int_equal, truth(ia == ib))
PH_FORMULA(int_less, truth(ia < ib))
PH_FORMULA(int_less_equal, truth(ia <= ib))
PH_FORMULA(float_to_int, int_in_float(to_int(a)))
PH_FORMULA(int_to_float, to_float(ia))
PH_FORMULA(float_to_bool, truth(a != 0.0f))
PH_FORMULA(int_to_bool, truth(ia != 0))

#undef PH_FORMULA

// --- sources

static inline vi lane_numbers() {
  vi n;
  for (int i = 0; i < kLanes; i++) n[i] = i;
  return n;
}

// Numbers in [0, 1) of the elements with these numbers.
static inline vf uniform_v(RngKeys keys, vu element) {
  return to_float((vi)(rng_bits(keys, element) >> 8)) * 5.9604644775390625e-8f;
}

}  // namespace PRONGHORN_ISA_NAME
}  // namespace pronghorn
