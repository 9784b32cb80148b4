// Sum, maximum and argmax over the middle axis of (outer, mid, inner).
//
// Blocks of `mid` have a fixed size, and partial results are combined in order, so the
// result does not depend on who computes which block.
#include "kernels_of_isa.h"

namespace pronghorn {
namespace PRONGHORN_ISA_NAME {
namespace {

struct FloatSum {
  typedef float T;
  typedef vf Vector;
  typedef double Total;  // of partial results
  static T start() { return 0; }
  static vf join(vf a, vf b) { return a + b; }
  template <class N>
  static N join1(N a, N b) {
    return a + b;
  }
};

struct FloatMax {
  typedef float T;
  typedef vf Vector;
  typedef float Total;
  static T start() { return -__builtin_inff(); }
  static vf join(vf a, vf b) { return select((b > a) | (b != b), b, a); }  // NaN stays
  static float join1(float a, float b) { return b > a || b != b ? b : a; }
};

struct IntSum {
  typedef int32_t T;
  typedef vi Vector;
  typedef int32_t Total;
  static T start() { return 0; }
  static vi join(vi a, vi b) { return (vi)((vu)a + (vu)b); }
  static int32_t join1(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a + (uint32_t)b);
  }
};

struct IntMax {
  typedef int32_t T;
  typedef vi Vector;
  typedef int32_t Total;
  static T start() { return INT32_MIN; }
  static vi join(vi a, vi b) { return select_int(b > a, b, a); }
  static int32_t join1(int32_t a, int32_t b) { return b > a ? b : a; }
};

template <class Op>
typename Op::Vector fetch(const typename Op::T* p) {
  return *(const typename Op::Vector*)p;
}

// A run of consecutive elements: four vectors side by side, then their lanes in halves.
template <class Op>
typename Op::T run(const typename Op::T* x, int64_t n) {
  typedef typename Op::T T;
  typename Op::Vector v[4];
  if (n < kLanes) {
    T r = Op::start();
    for (int64_t i = 0; i < n; i++) r = Op::join1(r, x[i]);
    return r;
  }
  // By number: a reference would forget that the type may lie anywhere.
  for (int j = 0; j < 4; j++) v[j] = typename Op::Vector{} + Op::start();
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes)
    for (int j = 0; j < 4; j++) v[j] = Op::join(v[j], fetch<Op>(x + i + j * kLanes));
  for (; i + kLanes <= n; i += kLanes) v[0] = Op::join(v[0], fetch<Op>(x + i));
  T lane[kLanes];
  *(typename Op::Vector*)lane = Op::join(Op::join(v[0], v[1]), Op::join(v[2], v[3]));
  for (int half = kLanes / 2; half; half /= 2)
    for (int j = 0; j < half; j++) lane[j] = Op::join1(lane[j], lane[j + half]);
  for (; i < n; i++) lane[0] = Op::join1(lane[0], x[i]);
  return lane[0];
}

// Rows on rows: four rows are joined before they meet the result.
template <class Op>
void columns(const typename Op::T* x, int64_t rows, int64_t stride, int64_t width,
             typename Op::T* out) {
  typedef typename Op::Vector Vector;
  int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    Vector r = Vector{} + Op::start();
    const typename Op::T* p = x + i;
    int64_t m = 0;
    for (; m + 4 <= rows; m += 4, p += 4 * stride)
      r = Op::join(
          r, Op::join(Op::join(fetch<Op>(p), fetch<Op>(p + stride)),
                      Op::join(fetch<Op>(p + 2 * stride), fetch<Op>(p + 3 * stride))));
    for (; m < rows; m++, p += stride) r = Op::join(r, fetch<Op>(p));
    *(Vector*)(out + i) = r;
  }
  for (; i < width; i++) {
    typename Op::T r = Op::start();
    int64_t m = 0;
    const typename Op::T* p = x + i;
    for (; m + 4 <= rows; m += 4, p += 4 * stride)
      r = Op::join1(r, Op::join1(Op::join1(p[0], p[stride]),
                                 Op::join1(p[2 * stride], p[3 * stride])));
    for (; m < rows; m++, p += stride) r = Op::join1(r, *p);
    out[i] = r;
  }
}

template <class Op>
void partial(const ReducePlan& p, const StepContext& s, const ReduceTile& t) {
  typedef typename Op::T T;
  int64_t first = t.strip * p.strip, width = least(p.strip, p.inner - first);
  int64_t row = t.block * p.block, rows = least(p.block, p.mid - row);
  const T* in = (const T*)s.pointer[p.in] + row * p.inner + first;
  T* out = p.blocks > 1 ? (T*)(s.shared + p.shared) : (T*)s.pointer[p.out];
  for (int64_t o = t.first; o < t.last; o++) {
    const T* x = in + o * p.mid * p.inner;
    T* y = out + (o * p.blocks + t.block) * p.inner + first;
    if (p.inner == 1)
      *y = run<Op>(x, rows);
    else
      columns<Op>(x, rows, p.inner, width, y);
  }
}

// Tiles of the second stage are outer indices.
template <class Op>
void combine(const ReducePlan& p, const StepContext& s, int64_t o) {
  typedef typename Op::T T;
  const T* in = (const T*)(s.shared + p.shared) + o * p.blocks * p.inner;
  T* out = (T*)s.pointer[p.out] + o * p.inner;
  for (int64_t i = 0; i < p.inner; i++) {
    typename Op::Total r = in[i];
    for (int64_t b = 1; b < p.blocks; b++)
      r = Op::join1(r, (typename Op::Total)in[b * p.inner + i]);
    out[i] = (T)r;
  }
}

// The first of the largest; a NaN is larger than any number.
template <class T>
void argmax(const ReducePlan& p, const StepContext& s, const ReduceTile& t) {
  int64_t first = t.strip * p.strip, last = least(first + p.strip, p.inner);
  for (int64_t o = t.first; o < t.last; o++)
    for (int64_t i = first; i < last; i++) {
      const T* x = (const T*)s.pointer[p.in] + o * p.mid * p.inner + i;
      int64_t best = 0;
      for (int64_t m = 1; m < p.mid && x[best * p.inner] == x[best * p.inner]; m++) {
        T value = x[m * p.inner];
        if (value > x[best * p.inner] || value != value) best = m;
      }
      ((int32_t*)s.pointer[p.out])[o * p.inner + i] = (int32_t)best;
    }
}

}  // namespace

void reduce(const ReducePlan& p, const StepContext& s, const ReduceTile& tile) {
  bool whole = p.dtype == DTYPE_int32;
  switch (p.reduction) {
    case REDUCE_sum:
      return whole ? partial<IntSum>(p, s, tile) : partial<FloatSum>(p, s, tile);
    case REDUCE_max:
      return whole ? partial<IntMax>(p, s, tile) : partial<FloatMax>(p, s, tile);
    default:
      return whole ? argmax<int32_t>(p, s, tile) : argmax<float>(p, s, tile);
  }
}

void reduce_combine(const ReducePlan& p, const StepContext& s, int64_t outer) {
  bool whole = p.dtype == DTYPE_int32;
  if (p.reduction == REDUCE_sum)
    whole ? combine<IntSum>(p, s, outer) : combine<FloatSum>(p, s, outer);
  else
    whole ? combine<IntMax>(p, s, outer) : combine<FloatMax>(p, s, outer);
}

}  // namespace PRONGHORN_ISA_NAME
}  // namespace pronghorn
