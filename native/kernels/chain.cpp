// Elementwise micro-operations, interpreted tile by tile: a tile that fits the first
// cache goes through the whole chain before the next one is begun.
#include <math.h>

#include "../rng.h"
#include "elementary.h"
#include "kernels_of_isa.h"

namespace pronghorn {
namespace PRONGHORN_ISA_NAME {
namespace {

// `n` elements; up to the end of the last vector may be read and written.
typedef void (*MicroFunction)(float* to, const float* a, const float* b, const float* c,
                              int64_t n);

vf truth(vi mask) { return from_bits(mask & bits(splat(1.0f))); }

vf int_in_float(vi x) { return from_bits(x); }

// One loop over vectors, with the element's formula in its middle.
#define PH_LOOP(name, formula)                                                        \
  void do_##name(float* to, const float* pa, const float*, const float*, int64_t n) { \
    for (int64_t i = 0; i < n; i += kLanes) {                                         \
      [[maybe_unused]] vf a = load(pa + i);                                           \
      [[maybe_unused]] vi ia = bits(a);                                               \
      store(to + i, formula);                                                         \
    }                                                                                 \
  }
#define PH_LOOP2(name, formula)                                             \
  void do_##name(float* to, const float* pa, const float* pb, const float*, \
                 int64_t n) {                                               \
    for (int64_t i = 0; i < n; i += kLanes) {                               \
      vf a = load(pa + i), b = load(pb + i);                                \
      [[maybe_unused]] vi ia = bits(a), ib = bits(b);                       \
      store(to + i, formula);                                               \
    }                                                                       \
  }
// Element by element, for what has no vector form.
#define PH_SCALAR(name, type, formula)                                      \
  void do_##name(float* to, const float* pa, const float* pb, const float*, \
                 int64_t n) {                                               \
    for (int64_t i = 0; i < n; i++) {                                       \
      type a, y, b = 0;                                                     \
      memcpy(&a, pa + i, 4);                                                \
      if (pb) memcpy(&b, pb + i, 4);                                        \
      y = formula;                                                          \
      memcpy(to + i, &y, 4);                                                \
    }                                                                       \
  }

PH_LOOP(move, a)
PH_LOOP(neg, -a)
PH_LOOP(exp, exp_v(a))
PH_LOOP(log, log_v(a))
PH_LOOP(log1p, log1p_v(a))
PH_LOOP(expm1, expm1_v(a))
PH_LOOP(tanh, tanh_v(a))
PH_LOOP(sigmoid, sigmoid_v(a))
PH_LOOP(erf, erf_v(a))
PH_LOOP(abs, abs_v(a))
PH_LOOP(sign, sign_v(a))
PH_LOOP(floor, floor_v(a))
PH_LOOP(round, round_v(a))
PH_LOOP(relu, select(a < 0.0f, vf{}, a))
PH_SCALAR(sin, float, sinf(a))
PH_SCALAR(cos, float, cosf(a))

void do_sqrt(float* to, const float* a, const float*, const float*, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes) {
    float lane[kLanes];  // compilers make one instruction of this
    store(lane, load(a + i));
    for (int j = 0; j < kLanes; j++) lane[j] = __builtin_sqrtf(lane[j]);
    store(to + i, load(lane));
  }
}

PH_LOOP2(add, a + b)
PH_LOOP2(sub, a - b)
PH_LOOP2(mul, a* b)
PH_LOOP2(div, a / b)
PH_LOOP2(maximum, select((a >= b) | (a != a), a, b))
PH_LOOP2(minimum, select((a <= b) | (a != a), a, b))
PH_LOOP2(equal, truth(a == b))
PH_LOOP2(less, truth(a < b))
PH_LOOP2(less_equal, truth(a <= b))

// The remainder with the sign of the divisor.
float floor_mod(float a, float b) {
  float r = fmodf(a, b);
  return r != 0 ? ((r < 0) != (b < 0) ? r + b : r) : copysignf(0.0f, b);
}
PH_SCALAR(pow, float, powf(a, b))
PH_SCALAR(mod, float, floor_mod(a, b))

void do_where(float* to, const float* pa, const float* pb, const float* pc, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes)
    store(to + i, select(load(pa + i) != 0.0f, load(pb + i), load(pc + i)));
}

vi wrap_add(vi a, vi b) { return (vi)((vu)a + (vu)b); }
vi wrap_sub(vi a, vi b) { return (vi)((vu)a - (vu)b); }
vi wrap_mul(vi a, vi b) { return (vi)((vu)a * (vu)b); }
int32_t floor_div(int32_t a, int32_t b) {
  if (b == 0 || (b == -1 && a == INT32_MIN)) return b ? a : 0;
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}
int32_t int_floor_mod(int32_t a, int32_t b) {
  if (b == 0 || b == -1) return 0;
  int32_t r = a % b;
  return r && (r < 0) != (b < 0) ? r + b : r;
}

PH_LOOP(int_neg, int_in_float(wrap_sub(vi{}, ia)))
PH_LOOP(int_abs, int_in_float(select_int(ia < 0, wrap_sub(vi{}, ia), ia)))
PH_LOOP(int_sign, int_in_float((ia < 0) - (ia > 0)))
PH_LOOP(int_relu, int_in_float(ia&(ia > 0)))
PH_LOOP2(int_add, int_in_float(wrap_add(ia, ib)))
PH_LOOP2(int_sub, int_in_float(wrap_sub(ia, ib)))
PH_LOOP2(int_mul, int_in_float(wrap_mul(ia, ib)))
PH_SCALAR(int_div, int32_t, floor_div(a, b))
PH_SCALAR(int_mod, int32_t, int_floor_mod(a, b))
PH_LOOP2(int_maximum, int_in_float(select_int(ia > ib, ia, ib)))
PH_LOOP2(int_minimum, int_in_float(select_int(ia < ib, ia, ib)))
PH_LOOP2(int_equal, truth(ia == ib))
PH_LOOP2(int_less, truth(ia < ib))
PH_LOOP2(int_less_equal, truth(ia <= ib))

PH_LOOP(float_to_int, int_in_float(to_int(a)))
PH_LOOP(int_to_float, to_float(ia))
PH_LOOP(float_to_bool, truth(a != 0.0f))
PH_LOOP(int_to_bool, truth(ia != 0))

// Sources are given the number of their first element by `chain` itself.
void do_uniform(float*, const float*, const float*, const float*, int64_t) {}
void do_iota(float*, const float*, const float*, const float*, int64_t) {}

const MicroFunction kMicro[] = {
#define PH_MICRO(name, arity) do_##name,
#include "../opcodes.def"
};

vi lane_numbers() {
  vi n;
  for (int i = 0; i < kLanes; i++) n[i] = i;
  return n;
}

vu mix(vu x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ x >> 16;
}

void uniform(float* to, RngKeys keys, int64_t start, int64_t n) {
  vu element = (vu)lane_numbers() + (uint32_t)start;
  for (int64_t i = 0; i < n; i += kLanes, element += (uint32_t)kLanes) {
    vu h = mix(mix(element ^ keys.first) + keys.second);
    store(to + i, to_float((vi)(h >> 8)) * 5.9604644775390625e-8f);
  }
}

void iota(float* to, int64_t start, int64_t n) {
  vi element = lane_numbers() + (int32_t)start;
  for (int64_t i = 0; i < n; i += kLanes, element += kLanes)
    store(to + i, int_in_float(element));
}

void fill(float* to, float x, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] = x;
}

// x[(i / inner) % count] for i in [start, start + n)
void spread_middle(float* to, const float* x, const ChainLoad& l, int64_t start,
                   int64_t n) {
  int64_t at = start / l.inner % l.count, left = l.inner - start % l.inner;
  if (l.inner == 1) {
    while (n > 0) {
      int64_t run = least(l.count - at, n);
      memcpy(to, x + at, run * 4);
      to += run;
      n -= run;
      at = 0;
    }
    return;
  }
  while (n > 0) {
    int64_t run = least(left, n);
    fill(to, x[at], run);
    to += run;
    n -= run;
    left = l.inner;
    if (++at == l.count) at = 0;
  }
}

// x[i / (inner * count) * inner + i % inner]
void spread_outer(float* to, const float* x, const ChainLoad& l, int64_t start,
                  int64_t n) {
  while (n > 0) {
    int64_t inside = start % l.inner, run = least(l.inner - inside, n);
    memcpy(to, x + start / (l.inner * l.count) * l.inner + inside, run * 4);
    to += run;
    start += run;
    n -= run;
  }
}

struct Tile {
  int64_t start, size;
  bool whole;  // no lanes beyond its end
};

struct Registers {
  float* at[kMaxRegisters];
  float* own;  // scratch, one tile each
  int64_t tile;
  float* room(int i) const { return own + i * tile; }
};

// The same for every tile: filled once.
bool constant_load(const ChainLoad& l) {
  return l.kind == LOAD_scalar || l.kind == LOAD_immediate || l.kind == LOAD_extent;
}

void fill_constant(const ChainLoad& l, const StepContext& s, float* room, int64_t n) {
  float x;
  if (l.kind == LOAD_scalar)
    x = *(const float*)s.pointer[l.value];
  else
    memcpy(&x, &l.bits, 4);
  fill(room, x, n);
}

void load_operand(const ChainLoad& l, int i, const StepContext& s, Registers* r,
                  const Tile& t, bool first) {
  float* x = (float*)s.pointer[l.value];
  float* room = r->room(i);
  bool direct = l.padded || t.whole;
  if (l.kind == LOAD_full) {
    if (!direct) memcpy(room, x + t.start, t.size * 4);
    r->at[i] = direct ? x + t.start : room;
    return;
  }
  r->at[i] = room;
  if (l.kind == LOAD_outer) return spread_outer(room, x, l, t.start, t.size);
  int64_t period = l.inner * l.count, place = t.start % period;
  if (l.inner == 1 && place + t.size <= period && direct) {
    r->at[i] = x + place;  // a row that is at least as long as the tile
  } else if (first || r->tile % period) {
    spread_middle(room, x, l, t.start, t.size);
  }  // else whole periods fit the tile: what the first tile got is right for all
}

void store_result(const ChainStore& o, const StepContext& s, const Registers& r,
                  const Tile& t) {
  float* to = (float*)s.pointer[o.value] + t.start;
  if (r.at[o.reg] != to) memcpy(to, r.at[o.reg], t.size * 4);
}

void run_tile(const ChainPlan& p, const StepContext& s, const RngKeys* keys,
              Registers* r, const Tile& t) {
  for (int i = p.n_stores - 1; i >= 0; i--) {
    const ChainStore& o = p.stores[i];
    bool direct = !o.late && (o.padded || t.whole);
    r->at[o.reg] = direct ? (float*)s.pointer[o.value] + t.start : r->room(o.reg);
  }
  for (int i = 0; i < p.n_ops; i++) {
    const ChainOp& op = p.ops[i];
    float* to = r->at[op.to];
    if (op.micro == MICRO_uniform)
      uniform(to, keys[op.b], t.start, t.size);
    else if (op.micro == MICRO_iota)
      iota(to, t.start, t.size);
    else
      kMicro[op.micro](to, r->at[op.a], op.b < 0 ? nullptr : r->at[op.b],
                       op.c < 0 ? nullptr : r->at[op.c], t.size);
  }
  for (int i = 0; i < p.n_stores; i++) store_result(p.stores[i], s, *r, t);
}

}  // namespace

void chain(const ChainPlan& p, const StepContext& s, int64_t begin, int64_t end,
           char* scratch) {
  Registers r;
  r.own = (float*)scratch;
  r.tile = p.tile;
  for (int i = 0; i < p.n_registers; i++) r.at[i] = r.room(i);
  int64_t longest = (least(p.tile, end - begin) + kLanes - 1) / kLanes * kLanes;
  for (int i = 0; i < p.n_loads; i++)
    if (constant_load(p.loads[i])) fill_constant(p.loads[i], s, r.room(i), longest);
  RngKeys keys[kMaxDraws];
  for (int i = 0; i < p.n_ops; i++)
    if (p.ops[i].micro == MICRO_uniform)
      keys[p.ops[i].b] = rng_keys(s.seed, s.step, (uint32_t)p.ops[i].a);
  for (int64_t at = begin; at < end; at += p.tile) {
    int64_t size = least(p.tile, end - at);
    Tile t = {at, size, size % kLanes == 0};
    for (int i = 0; i < p.n_loads; i++)
      if (!constant_load(p.loads[i]))
        load_operand(p.loads[i], i, s, &r, t, at == begin);
    run_tile(p, s, keys, &r, t);
  }
}

}  // namespace PRONGHORN_ISA_NAME
}  // namespace pronghorn
