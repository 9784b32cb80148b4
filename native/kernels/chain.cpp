// Elementwise micro-operations, interpreted tile by tile: a tile that fits the first
// cache goes through the whole chain before the next one is begun. Frequent chains are
// compiled as one loop instead; see fused.cpp.
#include "../rng.h"
#include "formulas.h"
#include "kernels_of_isa.h"

namespace pronghorn {
namespace PRONGHORN_ISA_NAME {
namespace {

// `n` elements; up to the end of the last vector may be read and written.
typedef void (*MicroFunction)(float* to, const float* a, const float* b, const float* c,
                              int64_t n);

template <int Name>
void loop1(float* to, const float* a, const float*, const float*, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes)
    store(to + i, Formula<Name>::of(load(a + i), vf{}, vf{}));
}
template <int Name>
void loop2(float* to, const float* a, const float* b, const float*, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes)
    store(to + i, Formula<Name>::of(load(a + i), load(b + i), vf{}));
}
template <int Name>
void loop3(float* to, const float* a, const float* b, const float* c, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes)
    store(to + i, Formula<Name>::of(load(a + i), load(b + i), load(c + i)));
}
// Element by element, for what has no vector form.
#define PH_SCALAR(loop, name, type, formula)                                         \
  template <>                                                                        \
  void loop<MICRO_##name>(float* to, const float* pa, const float* pb, const float*, \
                          int64_t n) {                                               \
    for (int64_t i = 0; i < n; i++) {                                                \
      type a, y, b = 0;                                                              \
      memcpy(&a, pa + i, 4);                                                         \
      if (pb) memcpy(&b, pb + i, 4);                                                 \
      y = formula;                                                                   \
      memcpy(to + i, &y, 4);                                                         \
    }                                                                                \
  }
PH_SCALAR(loop1, sin, float, sinf(a))
PH_SCALAR(loop1, cos, float, cosf(a))
PH_SCALAR(loop2, pow, float, powf(a, b))
PH_SCALAR(loop2, mod, float, floor_mod(a, b))
PH_SCALAR(loop2, int_div, int32_t, floor_div(a, b))
PH_SCALAR(loop2, int_mod, int32_t, int_floor_mod(a, b))

// Sources are given the number of their first element by `run_tile`.
template <int Name>
void loop0(float*, const float*, const float*, const float*, int64_t) {}

const MicroFunction kMicro[] = {
#define PH_MICRO(name, arity) loop##arity<MICRO_##name>,
#include "../opcodes.def"
};

void uniform(float* to, RngKeys keys, int64_t start, int64_t n) {
  vu element = (vu)lane_numbers() + (uint32_t)start;
  for (int64_t i = 0; i < n; i += kLanes, element += (uint32_t)kLanes)
    store(to + i, uniform_v(keys, element));
}

void iota(float* to, int64_t start, int64_t n) {
  vi element = lane_numbers() + (int32_t)start;
  for (int64_t i = 0; i < n; i += kLanes, element += kLanes)
    store(to + i, int_in_float(element));
}

void fill(float* to, float x, int64_t n) {
  vf value = splat_bits(&x);
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(to + i, value);
  for (; i < n; i++) to[i] = x;
}

// Short runs: calling memcpy takes longer than copying.
void copy_run(float* to, const float* from, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(to + i, load(from + i));
  if (i < n) memcpy(to + i, from + i, (n - i) * 4);
}

// x[(i / inner) % count] for i in [start, start + n)
void spread_middle(float* to, const float* x, const ChainLoad& l, int64_t start,
                   int64_t n) {
  int64_t at = start / l.inner % l.count, left = l.inner - start % l.inner;
  if (l.inner == 1) {
    while (n > 0) {
      int64_t run = least(l.count - at, n);
      copy_run(to, x + at, run);
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

void interpret(const ChainPlan& p, const RngKeys* keys, Registers* r, const Tile& t) {
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
}

void run_tile(const ChainPlan& p, const StepContext& s, const RngKeys* keys,
              Registers* r, const Tile& t) {
  for (int i = p.n_stores - 1; i >= 0; i--) {
    const ChainStore& o = p.stores[i];
    // A compiled chain reads all of a vector's operands before it stores anything.
    bool direct = (!o.late || p.recipe >= 0) && (o.padded || t.whole);
    r->at[o.reg] = direct ? (float*)s.pointer[o.value] + t.start : r->room(o.reg);
  }
  if (p.recipe >= 0)
    fused(p, r->at, keys, t.start, t.size);
  else
    interpret(p, keys, r, t);
  for (int i = 0; i < p.n_stores; i++) store_result(p.stores[i], s, *r, t);
}

void draw_keys(const ChainPlan& p, const StepContext& s, RngKeys* keys) {
  for (int i = 0; p.n_draws && i < p.n_ops; i++)
    if (p.ops[i].micro == MICRO_uniform)
      keys[p.ops[i].b] = rng_keys(s.seed, s.step, (uint32_t)p.ops[i].a);
}

// Where a compiled chain finds what is the same for all elements; it reads one.
float* constant_place(const ChainLoad& l, const StepContext& s) {
  return l.kind == LOAD_scalar ? (float*)s.pointer[l.value] : (float*)&l.bits;
}

void run_straight(const ChainPlan& p, const StepContext& s, int64_t begin,
                  int64_t end) {
  float* at[kMaxRegisters];
  for (int i = 0; i < p.n_loads; i++) {
    const ChainLoad& l = p.loads[i];
    at[i] =
        constant_load(l) ? constant_place(l, s) : (float*)s.pointer[l.value] + begin;
  }
  for (int i = 0; i < p.n_stores; i++)
    at[p.stores[i].reg] = (float*)s.pointer[p.stores[i].value] + begin;
  RngKeys keys[kMaxDraws];
  draw_keys(p, s, keys);
  fused(p, at, keys, begin, end - begin);
}

}  // namespace

void chain(const ChainPlan& p, const StepContext& s, int64_t begin, int64_t end,
           char* scratch) {
  if (p.straight) return run_straight(p, s, begin, end);
  Registers r;
  r.own = (float*)scratch;
  r.tile = p.tile;
  bool compiled = p.recipe >= 0;
  float* room = r.own;  // moved along: a multiplication for each takes longer
  for (int i = 0; !compiled && i < p.n_registers; i++, room += r.tile) r.at[i] = room;
  int64_t longest = (least(p.tile, end - begin) + kLanes - 1) / kLanes * kLanes;
  for (int i = 0; i < p.n_loads; i++) {
    if (!constant_load(p.loads[i])) continue;
    if (compiled)
      r.at[i] = constant_place(p.loads[i], s);
    else
      fill_constant(p.loads[i], s, r.room(i), longest);
  }
  RngKeys keys[kMaxDraws];
  draw_keys(p, s, keys);
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
