#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "numbers.h"
#include "recipes.h"
#include "threads.h"

namespace pronghorn {
namespace {

// Nanoseconds that a tile should take at least: in long steps, in short ones, and how
// many tiles a step should have in between.
constexpr float kTileCost = 4000, kLeastTileCost = 250, kTilesPerStep = 64;
// What takes longer is done in tiles by one thread too, so that it can be interrupted.
constexpr float kWholeCost = 20000, kMostTileCost = 1e7;

// Reads one instruction's words; every getter checks what it reads.
struct Reader {
  const Program& p;
  const Kernels& kernels;
  int64_t rows;
  int32_t instruction;
  const int32_t *at, *end;
  Error* error;
  char* memory;  // room for what the plan points to
  float tile_cost;

  bool bad(const char* what, int64_t number) {
    return fail(error, "instruction %d: %s %lld", instruction, what, (long long)number);
  }
  bool has(int64_t words) {
    return end - at >= words ? true : bad("words missing:", words - (end - at));
  }
  bool word(int32_t* out) {
    if (!has(1)) return false;
    *out = *at++;
    return true;
  }
  bool count(int32_t* out, int32_t largest) {
    if (!word(out)) return false;
    return *out >= 0 && *out <= largest ? true : bad("count", *out);
  }
  bool value(int32_t* out) {
    if (!word(out)) return false;
    return *out >= 0 && *out < p.n_values ? true : bad("value", *out);
  }
  bool target(int32_t* out) {  // a value that may be written
    if (!value(out)) return false;
    int32_t space = p.values[*out].space;
    return space != SPACE_constant && space != SPACE_input ? true
                                                           : bad("writes value", *out);
  }
  bool extent(int64_t* out) {
    int32_t i;
    if (!word(&i)) return false;
    if (i < 0 || i >= p.n_extents) return bad("extent", i);
    *out = p.extents[i].scale * rows + p.extents[i].offset;
    return *out >= 0 ? true : bad("negative extent", *out);
  }
  int64_t size(int32_t v) {
    const Extent& e = p.extents[p.values[v].extent];
    return e.scale * rows + e.offset;
  }
  // That `needed` elements of the value exist.
  bool holds(int32_t v, int64_t needed) {
    return needed <= size(v) ? true : bad("reaches beyond value", v);
  }
  bool padded(int32_t v) {
    int32_t space = p.values[v].space;
    return space == SPACE_arena || space == SPACE_constant;
  }
  template <class T>
  T* room(int64_t n) {
    T* out = (T*)memory;
    memory += (n * sizeof(T) + 15) & ~(int64_t)15;
    return out;
  }
  bool done() { return at == end ? true : bad("words too many:", end - at); }
};

bool product(int64_t* total, int64_t factor) {
  return !__builtin_mul_overflow(*total, factor, total) && *total <= (int64_t)1 << 40;
}

// --- chain

bool read_load(Reader& r, ChainLoad* l, int64_t domain) {
  if (!r.word(&l->kind)) return false;
  if (l->kind < 0 || l->kind >= kLoadKinds) return r.bad("load", l->kind);
  l->inner = l->count = 1;
  if (l->kind == LOAD_immediate) return r.word(&l->bits);
  if (l->kind == LOAD_extent) {
    int64_t n = 0;
    if (!r.extent(&n)) return false;
    if (n > INT32_MAX) return r.bad("extent too large for int32:", n);
    l->bits = (int32_t)n;
    return true;
  }
  if (!r.value(&l->value)) return false;
  l->padded = r.padded(l->value);
  if (l->kind == LOAD_full) return r.holds(l->value, domain);
  if (l->kind == LOAD_scalar) return r.holds(l->value, 1);
  int64_t period = 1;
  if (!r.extent(&l->inner) || !r.extent(&l->count)) return false;
  if (domain == 0) l->inner = l->count = 1;
  if (l->inner < 1 || l->count < 1 || !product(&period, l->inner) ||
      !product(&period, l->count))
    return r.bad("empty axes of load", l->kind);
  if (domain == 0) return true;
  if (l->kind == LOAD_middle)
    return r.holds(l->value, least(l->count, ceil_div(domain, l->inner)));
  return r.holds(l->value, (domain - 1) / period * l->inner + least(l->inner, domain));
}

bool read_op(Reader& r, ChainOp* op, const ChainPlan& c, int32_t* draws) {
  static const int arity[] = {
#define PH_MICRO(name, arity) arity,
#include "opcodes.def"
  };
  if (!r.has(5)) return false;
  *op = {r.at[0], r.at[1], r.at[2], r.at[3], r.at[4]};
  r.at += 5;
  if (op->micro < 0 || op->micro >= kMicros) return r.bad("micro-operation", op->micro);
  if (op->to < c.n_loads || op->to >= c.n_registers)
    return r.bad("writes register", op->to);
  const int32_t operands[] = {op->a, op->b, op->c};
  for (int i = 0; i < 3; i++)
    if (i < arity[op->micro] ? operands[i] < 0 || operands[i] >= c.n_registers
                             : i > 0 && operands[i] != -1)
      return r.bad("operand register", operands[i]);
  if (op->micro == MICRO_uniform) {
    if (*draws == kMaxDraws) return r.bad("draws more than", kMaxDraws);
    op->b = (*draws)++;
  }
  return true;
}

// Whether operations read a stored value's old contents after its register is written.
bool read_late(const ChainPlan& c, const ChainStore& o) {
  int32_t written = -1, read = -1;
  for (int32_t i = 0; i < c.n_ops; i++) {
    const ChainOp& op = c.ops[i];
    if (op.to == o.reg) written = i;
    const int32_t operands[] = {op.a, op.b, op.c};
    for (int32_t source : operands)
      if (op.micro != MICRO_uniform && source >= 0 && source < c.n_loads &&
          c.loads[source].kind != LOAD_immediate &&
          c.loads[source].kind != LOAD_extent && c.loads[source].value == o.value)
        read = i;
  }
  return read > written;
}

bool read_stores(Reader& r, ChainPlan* c, ChainStore* stores) {
  for (int32_t i = 0; i < c->n_stores; i++) {
    ChainStore& o = stores[i];
    if (!r.word(&o.reg) || !r.target(&o.value)) return false;
    if (o.reg < c->n_loads || o.reg >= c->n_registers)
      return r.bad("stores register", o.reg);
    if (!r.holds(o.value, c->size)) return false;
    o.padded = r.padded(o.value);
    o.late = read_late(*c, o);
  }
  return true;
}

int64_t gcd(int64_t a, int64_t b) { return b ? gcd(b, a % b) : a; }

// Whole vectors, and whole rows where a row is short: then it is spread once for all.
int64_t chain_tile(const ChainPlan& c, const Kernels& k) {
  for (int32_t i = 0; i < c.n_loads; i++) {
    const ChainLoad& l = c.loads[i];
    if (l.kind != LOAD_middle) continue;
    int64_t period = l.inner * l.count, step = period / gcd(period, k.lanes) * k.lanes;
    if (period > 1 && step <= k.chain_tile) return k.chain_tile / step * step;
  }
  return k.chain_tile;
}

float micro_cost(int32_t micro) {  // nanoseconds per element on 8 lanes
  switch (micro) {
    case MICRO_exp:
    case MICRO_log:
    case MICRO_log1p:
    case MICRO_expm1:
    case MICRO_tanh:
    case MICRO_sigmoid:
    case MICRO_erf:
    case MICRO_uniform:
      return 0.8f;
    case MICRO_sin:
    case MICRO_cos:
    case MICRO_pow:
    case MICRO_mod:
    case MICRO_int_mod:
    case MICRO_int_div:
      return 10;
    case MICRO_sqrt:
    case MICRO_div:
      return 0.3f;
    default:
      return 0.08f;
  }
}

// Whether a compiled chain needs no copies of what it reads and writes.
bool runs_straight(const ChainPlan& c, const Kernels& k) {
  if (c.recipe < 0) return false;
  bool whole = k.partial || c.size % k.lanes == 0;
  for (int32_t i = 0; i < c.n_loads; i++) {
    const ChainLoad& l = c.loads[i];
    if (constant_load(l)) continue;
    if (l.kind != LOAD_full || !(whole || l.padded)) return false;
  }
  for (int32_t i = 0; i < c.n_stores; i++)
    if (!(whole || c.stores[i].padded)) return false;
  return true;
}

bool plan_chain(Reader& r, Step* step, Plan* plan) {
  ChainPlan& c = step->chain;
  if (!r.extent(&c.size) || !r.count(&c.n_registers, kMaxRegisters) ||
      !r.count(&c.n_loads, c.n_registers) || !r.count(&c.n_ops, 1 << 16) ||
      !r.count(&c.n_stores, 1 << 10))
    return false;
  ChainLoad* loads = r.room<ChainLoad>(c.n_loads);
  ChainOp* ops = r.room<ChainOp>(c.n_ops);
  ChainStore* stores = r.room<ChainStore>(c.n_stores);
  c.loads = loads;
  c.ops = ops;
  c.stores = stores;
  for (int32_t i = 0; i < c.n_loads; i++)
    if (!read_load(r, &loads[i], c.size)) return false;
  int32_t draws = 0;
  float cost = 0.1f * c.n_loads;
  for (int32_t i = 0; i < c.n_ops; i++) {
    if (!read_op(r, &ops[i], c, &draws)) return false;
    cost += micro_cost(ops[i].micro) * 8 / r.kernels.lanes;
  }
  if (!read_stores(r, &c, stores)) return false;
  c.n_draws = draws;
  c.recipe = find_recipe(c);
  c.straight = runs_straight(c, r.kernels);
  c.tile = chain_tile(c, r.kernels);
  c.chunk = c.tile * least(16, most(1, (int64_t)(r.tile_cost / (cost * c.tile))));
  step->flops = (double)c.size * c.n_ops;
  step->bytes = 4.0 * c.n_stores * c.size;
  for (int32_t i = 0; i < c.n_loads; i++)
    if (c.loads[i].kind == LOAD_full) step->bytes += 4.0 * c.size;
  step->tiles[0] = ceil_div(c.size, c.chunk);
  step->cost[0] = cost * least(c.chunk, c.size);
  plan->scratch_bytes = most(plan->scratch_bytes, 4 * c.tile * c.n_registers);
  return true;
}

// --- gemm

// The largest element of an operand that is reached, plus one.
int64_t reach(int64_t rows, int64_t row, int64_t columns, int64_t column,
              const GemmPlan& g, const int64_t* axis) {
  __int128 last = (__int128)(rows - 1) * row + (__int128)(columns - 1) * column;
  for (int i = 0; i < g.n_axes; i++) last += (__int128)(g.axis[i] - 1) * axis[i];
  return last < INT64_MAX ? (int64_t)last + 1 : INT64_MAX;
}

bool read_gemm(Reader& r, GemmPlan* g, bool* over_rows) {
  if (!r.value(&g->a) || !r.value(&g->b) || !r.target(&g->c)) return false;
  int64_t* fields[] = {&g->m, &g->n, &g->k, &g->a_row, &g->a_col, &g->b_row, &g->b_col};
  const int32_t* extents = r.at;
  for (int64_t* field : fields)
    if (!r.extent(field)) return false;
  *over_rows = r.p.extents[extents[2]].scale != 0;  // of k
  if (!r.count(&g->n_axes, kMaxBatchAxes)) return false;
  g->count = 1;
  for (int i = 0; i < g->n_axes; i++) {
    if (!r.extent(&g->axis[i]) || !r.extent(&g->a_axis[i]) || !r.extent(&g->b_axis[i]))
      return false;
    if (!product(&g->count, g->axis[i])) return r.bad("too many products:", g->axis[i]);
  }
  int64_t elements = g->count;
  if (!product(&elements, g->m) || !product(&elements, g->n))
    return r.bad("too large:", g->m);
  if (!r.holds(g->c, elements)) return false;
  if (!elements) return true;
  g->c_row = g->n;
  g->c_axis = g->m * g->n;
  for (int64_t* field : fields)
    if (*field > (int64_t)1 << 31) return r.bad("stride", *field);
  for (int i = 0; i < g->n_axes; i++)
    if (g->a_axis[i] > (int64_t)1 << 31 || g->b_axis[i] > (int64_t)1 << 31)
      return r.bad("stride", g->a_axis[i]);
  return g->k == 0 ||
         (r.holds(g->a, reach(g->m, g->a_row, g->k, g->a_col, *g, g->a_axis)) &&
          r.holds(g->b, reach(g->k, g->b_row, g->n, g->b_col, *g, g->b_axis)));
}

template <class T>
void swap(T* a, T* b) {
  T t = *a;
  *a = *b;
  *b = t;
}

// One column: computed as one row, C' = B' A', which lies in memory just the same.
void turn(GemmPlan* g) {
  swap(&g->a, &g->b);
  swap(&g->m, &g->n);
  swap(&g->a_row, &g->b_col);
  swap(&g->a_col, &g->b_row);
  for (int i = 0; i < g->n_axes; i++) swap(&g->a_axis[i], &g->b_axis[i]);
  g->c_row = g->n;
  g->turned = 1;
}

// Whether the tile unit is quicker than the vector units: its squares are mostly full,
// and what is packed is used often enough. It reads operands along memory.
bool tiles_pay(const GemmPlan& g, const GemmShape& s) {
  if (!s.square || (g.a_col != 1 && g.a_row != 1) || (g.b_col != 1 && g.b_row != 1))
    return false;
  auto whole = [&](int64_t n) { return (float)(ceil_div(n, s.square) * s.square); };
  float squares = whole(g.m) * whole(g.n) * whole(g.k);
  constexpr int64_t kLeastSide = 32;
  constexpr float kLeastWork = 1e6f, kFull = 0.7f;
  float work = (float)(g.m * g.n) * g.k;
  return least(least(g.m, g.n), g.k) >= kLeastSide && work >= kLeastWork &&
         work >= kFull * squares;
}

// The choice depends on shapes, strides and the program alone, never on threads, so the
// same product of a program always has the same bits.
void choose_mode(GemmPlan* g, const GemmShape& s, bool trains) {
  // The sums are the same sums.
  bool tiny = g->count * g->m * g->n * g->k <= 512;
  bool along_k = g->a_col == 1 && g->b_row == 1 && (g->b_col != 1 || g->n == 1);
  if (tiny && (!along_k || g->k < 4))
    g->mode = GEMM_tiny;
  else if (along_k && g->m <= 4 && g->k > 1)
    g->mode = GEMM_dots;
  else if (trains && tiles_pay(*g, s))
    g->mode = GEMM_tiles;
  else if (g->b_col == 1 && (g->k * g->n <= 8192 || g->m <= 2 * s.rows))
    g->mode = GEMM_direct;
  else
    g->mode = GEMM_panels;
}

// Copying A pays where its rows lie far apart, or do not stay in the second cache: then
// they meet in the same lines of it.
bool packs_a(const GemmPlan& g, const GemmShape& s) {
  constexpr int64_t kStays = 4 << 20;
  bool far = g.a_col != 1 || 4 * g.m * g.k > kStays;
  return g.mode == GEMM_panels && far && g.m >= 4 * s.strip && g.n >= 2 * s.columns;
}

// A gradient of weights is a sum over the batch, of which every thread has made some
// rows: cut along K, each sums those that are in its caches. What comes out must then
// be added, which is to be less than what is no longer fetched.
void cut_k(GemmPlan* g, bool over_rows) {
  // Blocks of K, as the kernels cut it, are whole.
  constexpr int64_t kMostParts = 4, kDepth = 256, kMostElements = 1 << 20;
  constexpr double kLeastWork = 1 << 20;  // multiplications of a part
  if (!over_rows || g->n_axes || g->mode == GEMM_tiny || g->mode == GEMM_dots) return;
  if (g->m * g->n > kMostElements) return;  // it would hardly be noticed
  int64_t depth = most(kDepth, 2 * g->m * g->n / (g->m + g->n));
  int64_t parts = least(kMostParts, g->k / depth);
  parts = least(parts, (int64_t)((double)(g->m * g->n) * g->k / kLeastWork));
  if (parts < 2) return;
  g->part_k = g->k / parts / kDepth * kDepth;  // the last one is longer
  g->parts = parts;
}

// One row reads B once, best in the order of memory: a product is cut only where whole
// ones are no equal shares.
void cut_row(GemmPlan* g, int64_t width, int64_t wanted) {
  int64_t panels = ceil_div(g->n, width), parts = 1;
  if (g->count % pool_threads()) parts = least(panels, most(1, wanted));
  g->block_m = 1;
  g->block_n = ceil_div(panels, parts) * width;
}

// Nothing is packed, or B once for all: tiles of some microseconds.
void cut_small_gemm(GemmPlan* g, const GemmShape& s, int64_t wanted) {
  constexpr int64_t kFewRows = 144;
  bool few = g->mode == GEMM_dots || g->mode == GEMM_tiny;
  int64_t height = few ? 1 : s.rows, width = few ? 16 : s.columns;
  int64_t strips = ceil_div(g->m, height), panels = ceil_div(g->n, width);
  int64_t rows = most(least(strips, wanted), ceil_div(g->m, kFewRows));
  int64_t columns = least(panels, most(1, wanted / rows));
  g->block_m = ceil_div(strips, rows) * height;
  g->block_n = ceil_div(panels, columns) * width;
}

// What a grid of tiles is chosen by.
struct Rates {
  int64_t height, width;  // of tiles, which have multiples of these
  int64_t most_rows;      // that are packed at a time
  float flops;            // a nanosecond
  // Nanoseconds an element of B that a tile packs, one of A, and a tile.
  float b, a, tile;
};

Rates panel_rates(const Kernels& kernels, const GemmPlan& g, float flops) {
  constexpr float kPack = 0.15f, kRead = 0.03f;
  int64_t height = kernels.gemm_shape.strip, width = 4 * kernels.lanes;
  return {height, width, 384, flops, kPack, g.pack_a ? kPack : kRead, 500};
}

// Packing costs little, beside multiplications; what comes first waits for it.
Rates square_rates(const GemmShape& s, float flops) {
  constexpr float kRead = 0.1f;
  return {s.square, s.square, s.square_rows, flops, kRead, kRead, 8000};
}

// Every tile packs what it reads: rows that stay in the second cache, a grid that keeps
// all threads busy to the end, and as little packing as that allows.
void cut_large_gemm(GemmPlan* g, const Rates& rate) {
  constexpr int64_t kMostParts = 32;
  int64_t threads = pool_threads();
  int64_t strips = ceil_div(g->m, rate.height), panels = ceil_div(g->n, rate.width);
  int64_t fewest = ceil_div(g->m, rate.most_rows);
  float best = 1e30f;
  for (int64_t rows = fewest; rows < fewest + kMostParts && rows <= strips; rows++)
    for (int64_t columns = 1; columns <= kMostParts && columns <= panels; columns++) {
      int64_t block_m = ceil_div(strips, rows) * rate.height;
      int64_t block_n = ceil_div(panels, columns) * rate.width;
      int64_t tiles = g->count * ceil_div(g->m, block_m) * ceil_div(g->n, block_n);
      float cost = 2.0f * block_m * block_n * g->k / rate.flops + rate.tile;
      cost += g->k * (rate.b * block_n + rate.a * block_m);
      float all = cost * ceil_div(tiles, threads);
      if (threads > 1) all += 0.2f * cost;  // one thread may come late
      if (cost > kMostTileCost) all += 1e9f;
      if (all >= best) continue;
      best = all;
      g->block_m = block_m;
      g->block_n = block_n;
    }
}

void cut_gemm(Step* step, const Kernels& kernels, float tile_cost) {
  GemmPlan& g = step->gemm;
  const GemmShape& s = kernels.gemm_shape;
  constexpr float kSquareFlops = 350;  // the tile unit's, a nanosecond
  bool squares = g.mode == GEMM_tiles;
  float flops_per_ns = squares ? kSquareFlops : 6.0f * kernels.lanes;
  constexpr float kFloatsPerNs = 12;  // of B, which few rows wait for
  float cost = 2.0f * g.m * g.n * (g.k + 8) / flops_per_ns;
  float reading = g.k * g.n / kFloatsPerNs;
  if (reading > cost) cost = reading;
  int64_t wanted = least((int64_t)(cost / tile_cost), 4 * pool_threads());
  if (squares)
    cut_large_gemm(&g, square_rates(s, flops_per_ns));
  else if (g.mode == GEMM_panels)
    cut_large_gemm(&g, panel_rates(kernels, g, flops_per_ns));
  else if (g.mode == GEMM_direct && g.m == 1)
    cut_row(&g, 4 * kernels.lanes, wanted);
  else
    cut_small_gemm(&g, s, most(1, wanted));
  g.blocks_m = ceil_div(g.m, g.block_m);
  g.blocks_n = ceil_div(g.n, g.block_n);
  int64_t parts = g.blocks_m * g.blocks_n;
  g.group = 1;
  if (parts == 1) g.group = most(1, least(g.count, (int64_t)(tile_cost / cost)));
  step->tiles[1] = ceil_div(g.count, g.group) * parts;
  step->cost[1] = cost / parts * g.group;
}

// The parts' tiles first, as of so many shorter products, then what adds them.
void cut_parts(Step* step, const Kernels& kernels, float tile_cost) {
  GemmPlan& g = step->gemm;
  GemmPlan whole = g;
  g.k = g.part_k;
  g.count = g.parts;
  cut_gemm(step, kernels, tile_cost);
  step->tiles[0] = g.parts * g.blocks_m * g.blocks_n;
  step->cost[0] = step->cost[1] / g.group;
  step->tiles[1] = ceil_div(g.m * g.n, kAddedAtOnce);
  step->cost[1] = 0.1f * least(kAddedAtOnce, g.m * g.n) * g.parts;
  g.k = whole.k;
  g.count = whole.count;
  g.group = 1;
}

bool plan_gemm(Reader& r, Step* step, Plan* plan) {
  GemmPlan& g = step->gemm;
  bool over_rows = false;
  if (!read_gemm(r, &g, &over_rows)) return false;
  g.parts = 1;
  if (g.count * g.m * g.n == 0) return true;
  const GemmShape& s = r.kernels.gemm_shape;
  step->flops = 2.0 * g.count * g.m * g.n * g.k;
  step->bytes =
      4.0 * g.count * ((double)g.m * g.k + (double)g.k * g.n + (double)g.m * g.n);
  if (g.n == 1 && g.m > 1) turn(&g);
  g.b_size = r.size(g.b);
  choose_mode(&g, s, r.p.n_first_phase < r.p.n_instructions);
  g.pack_a = packs_a(g, s);
  cut_k(&g, over_rows);
  (g.parts > 1 ? cut_parts : cut_gemm)(step, r.kernels, r.tile_cost);
  plan->scratch_bytes = most(plan->scratch_bytes, (int64_t)r.kernels.gemm_scratch(g));
  return true;
}

// --- reduce

// Blocks of about 8,192 elements: by shape alone.
void cut_reduce(Step* step) {
  ReducePlan& p = step->reduce;
  constexpr int64_t kBlock = 8192, kStrip = 4096;
  bool blocked = p.reduction != REDUCE_argmax;
  p.block = blocked ? most(64, kBlock / most(1, p.inner)) : p.mid;
  if (p.mid < 2 * p.block) p.block = p.mid;
  p.blocks = ceil_div(p.mid, p.block);
  p.strip = least(p.inner, kStrip);
  p.strips = ceil_div(p.inner, p.strip);
  p.group = most(1, kBlock / (p.block * p.strip));
  step->tiles[0] = ceil_div(p.outer, p.group) * p.blocks * p.strips;
  step->cost[0] = (blocked ? 0.15f : 1.0f) * p.group * p.block * p.strip;
  if (p.blocks > 1) {
    step->tiles[1] = p.outer;
    step->cost[1] = 0.5f * p.blocks * p.inner;
  }
}

bool plan_reduce(Reader& r, Step* step, Plan*) {
  ReducePlan& p = step->reduce;
  int64_t in = 1, out = 1;
  if (!r.count(&p.reduction, kReductions - 1) || !r.count(&p.dtype, kDtypes - 1) ||
      !r.value(&p.in) || !r.target(&p.out) || !r.extent(&p.outer) ||
      !r.extent(&p.mid) || !r.extent(&p.inner))
    return false;
  if (!product(&in, p.outer) || !product(&in, p.mid) || !product(&in, p.inner) ||
      !product(&out, p.outer) || !product(&out, p.inner))
    return r.bad("too large:", p.outer);
  if (!r.holds(p.in, in) || !r.holds(p.out, out)) return false;
  if (p.mid == 0 && p.reduction != REDUCE_sum) return r.bad("largest of nothing:", 0);
  if (out == 0) return true;
  step->flops = in;
  step->bytes = 4.0 * (in + out);
  if (p.mid > 0) {
    cut_reduce(step);
    return true;
  }
  p.block = 1;  // a sum of nothing: one empty block
  p.blocks = p.strips = 1;
  p.strip = p.inner;
  p.group = p.outer;
  step->tiles[0] = 1;
  return true;
}

// --- copy

bool read_copy(Reader& r, CopyPlan* c) {
  if (!r.value(&c->from) || !r.target(&c->to) || !r.extent(&c->from_offset) ||
      !r.extent(&c->to_offset) || !r.count(&c->n_axes, kMaxCopyAxes))
    return false;
  int64_t from = c->from_offset, to = c->to_offset, elements = 1;
  for (int i = 0; i < c->n_axes; i++) {
    if (!r.extent(&c->axis[i]) || !r.extent(&c->from_axis[i]) ||
        !r.extent(&c->to_axis[i]))
      return false;
    if (!product(&elements, c->axis[i])) return r.bad("too large:", c->axis[i]);
    int64_t a, b;
    if (__builtin_mul_overflow(c->axis[i] - 1, c->from_axis[i], &a) ||
        a > (int64_t)1 << 41 ||
        __builtin_mul_overflow(c->axis[i] - 1, c->to_axis[i], &b) ||
        b > (int64_t)1 << 41)
      return r.bad("stride", c->from_axis[i]);
    from += a;
    to += b;
  }
  if (elements == 0) {
    c->rows = 0;
    return true;
  }
  c->rows = 1;
  return r.holds(c->from, from + 1) && r.holds(c->to, to + 1);
}

// Axes of size 1 go, and axes that follow each other in both buffers become one.
void merge_axes(CopyPlan* c) {
  int n = 0;
  for (int i = 0; i < c->n_axes; i++) {
    int64_t size = c->axis[i], from = c->from_axis[i], to = c->to_axis[i];
    if (size == 1) continue;
    if (n && c->from_axis[n - 1] == size * from && c->to_axis[n - 1] == size * to)
      size *= c->axis[--n];
    c->axis[n] = size;
    c->from_axis[n] = from;
    c->to_axis[n++] = to;
  }
  if (!n) {
    c->axis[0] = c->from_axis[0] = c->to_axis[0] = 1;
    n = 1;
  }
  c->n_axes = n;
}

bool plan_copy(Reader& r, Step* step, Plan*) {
  CopyPlan& c = step->copy;
  if (!read_copy(r, &c)) return false;
  if (!c.rows) return true;
  merge_axes(&c);
  for (int i = 0; i < c.n_axes - 1; i++) c.rows *= c.axis[i];
  int64_t last = c.axis[c.n_axes - 1];
  float cost = 3 + (c.from_axis[c.n_axes - 1] == 1 ? 0.15f : 0.7f) * last;
  step->bytes = 8.0 * c.rows * last;
  c.group = most(1, least(c.rows, (int64_t)(r.tile_cost / cost)));
  step->tiles[0] = ceil_div(c.rows, c.group);
  step->cost[0] = cost * c.group;
  return true;
}

// --- gather and scatter

bool read_gather(Reader& r, GatherPlan* g) {
  if (!r.count(&g->dtype, kDtypes - 1) || !r.value(&g->table) || !r.value(&g->index) ||
      !r.value(&g->rows) || !r.extent(&g->outer) || !r.extent(&g->length) ||
      !r.extent(&g->count) || !r.extent(&g->inner))
    return false;
  int64_t table = 1, rows = 1;
  if (!product(&table, g->outer) || !product(&table, g->length) ||
      !product(&table, g->inner) || !product(&rows, g->outer) ||
      !product(&rows, g->count) || !product(&rows, g->inner) || g->count > INT32_MAX ||
      g->length > INT32_MAX)
    return r.bad("too large:", g->outer);
  g->instruction = r.instruction;
  return r.holds(g->table, table) && r.holds(g->index, g->count) &&
         r.holds(g->rows, rows);
}

bool writable(Reader& r, int32_t v) {
  int32_t space = r.p.values[v].space;
  return space != SPACE_constant && space != SPACE_input ? true
                                                         : r.bad("writes value", v);
}

bool plan_gather(Reader& r, Step* step, Plan*) {
  GatherPlan& g = step->gather;
  if (!read_gather(r, &g) || !writable(r, g.rows)) return false;
  int64_t pairs = g.outer * g.count;
  if (!pairs) return true;
  float cost = 4 + 0.2f * g.inner;
  step->bytes = 8.0 * pairs * g.inner + 4.0 * g.count;
  g.group = most(1, least(pairs, (int64_t)(r.tile_cost / cost)));
  step->tiles[0] = ceil_div(pairs, g.group);
  step->cost[0] = cost * g.group;
  return true;
}

bool plan_scatter(Reader& r, Step* step, Plan*) {
  GatherPlan& g = step->gather;
  if (!read_gather(r, &g) || !writable(r, g.table)) return false;
  if (g.outer * g.length == 0) return true;
  float cost = 0.2f * g.length * g.inner + (2 + 0.4f * g.inner) * g.count;
  step->bytes = 4.0 * g.inner * g.outer * (g.length + 3.0 * g.count);
  g.groups = most(1, least(g.length, least(16, (int64_t)(cost / r.tile_cost))));
  g.group = ceil_div(g.length, g.groups);
  g.groups = ceil_div(g.length, g.group);
  step->tiles[0] = g.outer * g.groups;
  step->cost[0] = cost / g.groups;
  return true;
}

// --- all of it

bool plan_step(Reader& r, Step* step, Plan* plan) {
  typedef bool (*Planner)(Reader&, Step*, Plan*);
  static const Planner planners[] = {plan_chain, plan_gemm,   plan_reduce,
                                     plan_copy,  plan_gather, plan_scatter};
  memset(step, 0, sizeof *step);
  step->op = r.at[0];
  r.end = r.at + r.at[1];
  r.at += 2;
  return planners[step->op](r, step, plan) && r.done();
}

void plan_assembly(const Program& p, int32_t input, int64_t rows, Step* step) {
  AssemblePlan& a = step->assemble;
  memset(step, 0, sizeof *step);
  step->op = STEP_assemble;
  a.input = input;
  a.value = p.input_values[input];
  a.width = p.extents[p.values[a.value].extent].scale;
  step->bytes = 8.0 * rows * a.width;
  step->tiles[0] = 1;
  step->cost[0] = rows * (5 + 0.1f * a.width);
}

// All steps, and what they cost together.
bool plan_steps(Reader r, Plan* plan) {
  const Program& p = r.p;
  plan->scratch_bytes = 64;
  plan->cost = 0;
  Step* step = plan->steps;
  for (int32_t i = 0; i < p.n_inputs; i++) plan_assembly(p, i, r.rows, step++);
  for (int32_t i = 0; i < p.n_instructions; i++) {
    r.instruction = i;
    // The second phase is never interrupted: only what is quick and cannot fail.
    if (i >= p.n_first_phase && *r.at != INSTRUCTION_chain && *r.at != INSTRUCTION_copy)
      return r.bad("in the second phase, opcode", *r.at);
    if (!plan_step(r, step++, plan)) return false;
  }
  for (Step* s = plan->steps; s < step; s++) {
    float cost = s->tiles[0] * s->cost[0] + s->tiles[1] * s->cost[1];
    plan->cost += cost;
    s->whole =
        s->op == INSTRUCTION_chain ||
        (s->op == INSTRUCTION_gemm && s->gemm.count == 1 && s->gemm.parts == 1);
    s->whole = s->whole && cost < kWholeCost;
  }
  return true;
}

}  // namespace

bool make_plan(const Program& p, const Kernels& kernels, int64_t rows, Plan* plan,
               Error* error) {
  memset(plan, 0, sizeof *plan);
  if (rows < 1 || rows > p.max_rows) return fail(error, "%lld rows", (long long)rows);
  // A chain's tables are at most this much larger than the words that they are read
  // from.
  int64_t n = p.n_inputs + p.n_instructions;
  int64_t code = (p.end - p.code) * 4 * 8 + 64 * (int64_t)p.n_instructions;
  int64_t steps = n * (int64_t)sizeof(Step), groups = n * (int64_t)sizeof(Group);
  char* memory = (char*)calloc(1, steps + groups + code + 64);
  if (!memory) return fail(error, "out of memory");
  plan->memory = memory;
  plan->rows = rows;
  plan->threads = pool_threads();
  plan->steps = (Step*)memory;
  plan->groups = (Group*)(memory + steps);
  char* room = (char*)(((uintptr_t)memory + steps + groups + 15) & ~(uintptr_t)15);
  Reader r = {p, kernels, rows, 0, p.code, p.end, error, room, kTileCost};
  if (!plan_steps(r, plan)) return false;
  r.tile_cost = plan->cost / kTilesPerStep;
  if (r.tile_cost < kLeastTileCost) r.tile_cost = kLeastTileCost;
  if (r.tile_cost < kTileCost && !plan_steps(r, plan)) return false;
  make_groups(p, kernels, plan);
  return true;
}

void free_plan(Plan* plan) {
  free(plan->memory);
  memset(plan, 0, sizeof *plan);
}

}  // namespace pronghorn
