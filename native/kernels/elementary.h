// Elementary functions on vectors of floats, accurate to a few units in the last place,
// right at infinities and NaN. Denormals count as zero.
//
// The polynomials are our own minimax fits (Lawson's weights on Chebyshev nodes, in
// 40-digit arithmetic); each error bound is relative to the function.
#pragma once

#include "vec.h"

namespace pronghorn {
namespace PRONGHORN_ISA_NAME {

constexpr float kInfinity = __builtin_inff();

static inline vf abs_v(vf x) { return from_bits(bits(x) & splat_int(0x7fffffff)); }
static inline vf sign_of(vf x, vf from) {  // x >= 0 with the sign of `from`
  return from_bits(bits(x) | (bits(from) & splat_int((int32_t)0x80000000u)));
}

// To the nearest whole number, halves to the even one: beyond 2^23 all are whole, and
// what is added to that has no room for a fraction.
static inline vf round_v(vf x) {
  vf whole = (abs_v(x) + 8388608.0f) - 8388608.0f;
  return select(abs_v(x) < 8388608.0f, sign_of(whole, x), x);
}

// The same for |x| < 2^22, in two additions.
static inline vf round_small(vf x) { return (x + 12582912.0f) - 12582912.0f; }

static inline vf floor_v(vf x) {
  vi small = abs_v(x) < 8388608.0f;
  vf whole = to_float(to_int(select(small, x, vf{})));
  whole -= from_bits((whole > x) & bits(splat(1.0f)));
  return select(small, sign_of(abs_v(whole), select(whole < 0.0f, whole, x)), x);
}

// 2^n for n in [-252, 254], as two factors so that no exponent leaves its range.
static inline vf scale_by(vf x, vi n) {
  vi half = n >> 1;
  vf first = from_bits((half + 127) << 23), second = from_bits((n - half + 127) << 23);
  return x * first * second;
}

struct Reduced {  // x = n ln 2 + r
  vi n;
  vf em1;  // exp(r) - 1
};

// exp(r) - 1 on |r| <= ln(2)/2, error 5e-11.
static inline Reduced reduce_exp(vf x) {
  vf n = round_small(x * 1.44269504f);
  vf r = x - n * 0.693145752f;
  r -= n * 1.42860677e-6f;
  vf q = splat(0.00019918126f);
  q = q * r + 0.0013946304f;
  q = q * r + 0.008333265f;
  q = q * r + 0.041666266f;
  q = q * r + 0.16666667f;
  q = q * r + 0.5f;
  return {to_int(n), q * (r * r) + r};
}

// NaN passes: a comparison with it is false.
static inline vf clamp(vf x, float low, float high) {
  x = select(x < low, splat(low), x);
  return select(x > high, splat(high), x);
}

static inline vf exp_v(vf x) {
  Reduced e = reduce_exp(clamp(x, -104.0f, 89.0f));
  return scale_by(e.em1 + 1.0f, e.n);
}

static inline vf expm1_v(vf x) {
  vf c = clamp(x, -104.0f, 89.0f);
  Reduced e = reduce_exp(c);
  vf power = scale_by(splat(1.0f), e.n);
  vf near = e.em1 * power + (power - 1.0f);
  near = select(e.n == 0, select(x == 0.0f, x, e.em1), near);
  return select(c > 80.0f, scale_by(e.em1 + 1.0f, e.n), near);
}

// log(1 + f) = f - f^2/2 + f^3 P(f) on the mantissa in [sqrt(1/2), sqrt(2)], error
// 8e-10.
static inline vf log_v(vf x) {
  vi i = bits(x);
  vi e = (vi)((vu)i - 0x3f3504f3u) >> 23;
  vf f = from_bits((vi)((vu)i - ((vu)e << 23))) - 1.0f;
  vf n = to_float(e);
  vf p = splat(0.06746592f);
  p = p * f + -0.11675639f;
  p = p * f + 0.11888178f;
  p = p * f + -0.12405592f;
  p = p * f + 0.14219551f;
  p = p * f + -0.16667996f;
  p = p * f + 0.20002119f;
  p = p * f + -0.2500001f;
  p = p * f + 0.33333313f;
  vf square = f * f;
  vf tail = f * square * p + n * 1.42860677e-6f - 0.5f * square;
  vf y = n * 0.693145752f + (f + tail);
  y = select(x < 1.17549435e-38f, splat(-kInfinity),
             y);  // zero, and what counts as zero
  y = select(x < 0.0f, splat(__builtin_nanf("")), y);
  return select((x == kInfinity) | (x != x), x, y);
}

static inline vf log1p_v(vf x) {
  vf u = x + 1.0f;
  vf y = log_v(u) - ((u - 1.0f) - x) / u;  // what rounding u has lost
  return select((u > 0.0f) & (u < kInfinity), select(x == 0.0f, x, y), log_v(u));
}

// x + x^3 P(x^2) below 0.625, error 5e-9.
static inline vf tanh_v(vf x) {
  vf z = x * x;
  vf p = splat(-0.005717037f);
  p = p * z + 0.020650579f;
  p = p * z + -0.053743497f;
  p = p * z + 0.13331491f;
  p = p * z + -0.33333284f;
  vf small = x * z * p + x;
  vf a = abs_v(x);
  vf large = sign_of(1.0f - 2.0f / (exp_v(a + a) + 1.0f), x);
  vf y = select(a < 0.625f, small, large);
  return select(x != x, x, y);
}

static inline vf sigmoid_v(vf x) { return 1.0f / (1.0f + exp_v(-x)); }

// x P(x^2) below 1 (error 1e-9), 1 - exp(Q(x)) above (2e-11), 1 from 4 on.
static inline vf erf_v(vf x) {
  vf z = x * x;
  vf p = splat(7.889119e-05f);
  p = p * z + -0.0008020841f;
  p = p * z + 0.005189535f;
  p = p * z + -0.026854444f;
  p = p * z + 0.112836f;
  p = p * z + -0.37612626f;
  p = p * z + 1.1283791f;
  vf a = abs_v(x);
  vf t = select(a > 4.0f, splat(4.0f), a);
  vf q = splat(-2.168685e-05f);
  q = q * t + 0.00044133636f;
  q = q * t + -0.004204562f;
  q = q * t + 0.025208257f;
  q = q * t + -0.10841858f;
  q = q * t + -0.6332199f;
  q = q * t + -1.1295785f;
  q = q * t + 0.00018804023f;
  vf large = sign_of(1.0f - exp_v(q), x);
  return select(x != x, x, select(a < 1.0f, x * p, large));
}

static inline vf sign_v(vf x) {
  vf one = sign_of(splat(1.0f), x);
  return select((x == 0.0f) | (x != x), x, one);
}

}  // namespace PRONGHORN_ISA_NAME
}  // namespace pronghorn
