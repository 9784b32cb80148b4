// Grouping the steps of a plan: which of them run side by side, and which one after the
// other for a block of rows at a time. Both are found from what the steps read and
// write, so that a program cannot ask for what would give another result.
#include "numbers.h"
#include "plan.h"
#include "threads.h"

namespace pronghorn {
namespace {

constexpr int kMaxGroup = 32;         // steps side by side
constexpr int kMaxChainOfRows = 256;  // steps one after the other, row by row
constexpr int64_t kRowUnit = 16;      // blocks of rows end where vectors end
// Rows of a block at least; the tile unit packs the weights anew for every block.
constexpr int64_t kFewestRows = 48, kFewestForSquares = 128;
// A product is done row by row if its second operand stays in the second cache, and so
// should a block of rows.
constexpr int64_t kMostWeights = 512 << 10, kMostBlock = 256 << 10;

// What a step touches. `by_row`: for a row of the batch only that row's part.
struct Access {
  int32_t value;
  bool writes, by_row;
};

struct Grouping {
  const Program& p;
  const Kernels& kernels;
  Plan* plan;
  int64_t shared;

  // The elements that a value has for each row; 0 if it does not depend on the rows.
  int64_t width(int32_t value) const {
    const Extent& e = p.extents[p.values[value].extent];
    return e.offset ? 0 : e.scale;
  }
  int64_t rows() const { return plan->rows; }
};

// --- what depends on one row only

bool load_by_row(const Grouping& g, const ChainPlan& c, int64_t per_row,
                 const ChainLoad& l) {
  int64_t width = g.width(l.value);
  switch (l.kind) {
    case LOAD_full:
      return width == per_row;
    case LOAD_middle:
      return l.inner * l.count == c.size && per_row % l.inner == 0 &&
             width == per_row / l.inner;
    case LOAD_outer:
      return per_row % (l.inner * l.count) == 0 && width == per_row / l.count;
    default:
      return false;
  }
}

// Rows of a matrix, one below the other, `per_row` for each row of the batch.
bool matrix_by_row(const Grouping& g, int32_t value, int64_t stride, int64_t columns,
                   int64_t step, int64_t per_row) {
  return stride * per_row == g.width(value) && (columns - 1) * step < stride;
}

template <class Each>
void gemm_accesses(const Grouping& g, const Step& s, Each each) {
  const GemmPlan& m = s.gemm;
  int64_t n = s.per_row;
  bool turned = m.turned;
  bool a = n && !turned && matrix_by_row(g, m.a, m.a_row, m.k, m.a_col, n);
  bool b = n && turned && matrix_by_row(g, m.b, m.b_col, m.k, m.b_row, n);
  each(Access{m.a, false, a});
  each(Access{m.b, false, b});
  each(Access{m.c, true, n != 0});
}

template <class Each>
void for_each_access(const Grouping& g, const Step& s, Each each) {
  int64_t n = s.per_row;
  switch (s.op) {
    case STEP_assemble:
      return each(Access{s.assemble.value, true, true});
    case INSTRUCTION_chain:
      for (int32_t i = 0; i < s.chain.n_loads; i++) {
        const ChainLoad& l = s.chain.loads[i];
        if (l.kind != LOAD_immediate && l.kind != LOAD_extent)
          each(Access{l.value, false, n && load_by_row(g, s.chain, n, l)});
      }
      for (int32_t i = 0; i < s.chain.n_stores; i++)
        each(Access{s.chain.stores[i].value, true, n != 0});
      return;
    case INSTRUCTION_gemm:
      return gemm_accesses(g, s, each);
    case INSTRUCTION_reduce: {
      bool in = n && g.width(s.reduce.in) == n * s.reduce.mid * s.reduce.inner;
      each(Access{s.reduce.in, false, in});
      return each(Access{s.reduce.out, true, n != 0});
    }
    case INSTRUCTION_copy: {
      const CopyPlan& c = s.copy;
      int64_t axis = n ? c.axis[0] / g.rows() : 0;
      bool from = n && c.from_axis[0] * axis == g.width(c.from);
      each(Access{c.from, false, from});
      return each(Access{c.to, true, n != 0});
    }
    default: {
      bool gathers = s.op == INSTRUCTION_gather;
      bool index = n && g.width(s.gather.index) == n;
      each(Access{s.gather.index, false, index});
      each(Access{s.gather.table, !gathers, false});
      each(Access{s.gather.rows, gathers, n != 0});
    }
  }
}

// How many of `count` things there are for each row, where a value has `width` elements
// for each of them; 0 if that is not so.
int64_t share(const Grouping& g, int64_t count, int32_t value, int64_t width) {
  int64_t each = count / g.rows();
  return count % g.rows() == 0 && each * width == g.width(value) ? each : 0;
}

int64_t chain_per_row(const Grouping& g, const ChainPlan& c) {
  int64_t found = 0;
  for (int32_t i = 0; i < c.n_stores; i++) {
    int64_t each = share(g, c.size, c.stores[i].value, 1);
    if (!each || (found && each != found)) return 0;
    found = each;
  }
  return found;
}

int64_t gemm_per_row(const Grouping& g, const GemmPlan& m) {
  int64_t weights = 4 * m.k * (m.turned ? m.m : m.n);
  if (m.n_axes || m.m * m.n == 0 || m.parts > 1 || weights > kMostWeights) return 0;
  if (m.turned) return m.mode == GEMM_panels ? 0 : share(g, m.n, m.c, 1);
  return share(g, m.m, m.c, m.n);
}

// What each row's part of a buffer must contain of a copy.
bool stays_inside(const CopyPlan& c, const int64_t* axis, int64_t offset,
                  int64_t width) {
  int64_t last = offset;
  for (int i = 1; i < c.n_axes; i++) last += (c.axis[i] - 1) * axis[i];
  return last < width;
}

int64_t copy_per_row(const Grouping& g, const CopyPlan& c) {
  if (c.n_axes < 2 || !c.rows || c.axis[0] % g.rows()) return 0;
  int64_t each = c.axis[0] / g.rows();
  bool to = c.to_axis[0] * each == g.width(c.to) &&
            stays_inside(c, c.to_axis, c.to_offset, c.to_axis[0]);
  bool from = c.from_axis[0] * each == g.width(c.from) &&
              stays_inside(c, c.from_axis, c.from_offset, c.from_axis[0]);
  return to && from ? c.rows / g.rows() : 0;
}

int64_t per_row(const Grouping& g, const Step& s) {
  switch (s.op) {
    case STEP_assemble:
      return 1;
    case INSTRUCTION_chain:
      return chain_per_row(g, s.chain);
    case INSTRUCTION_gemm:
      return gemm_per_row(g, s.gemm);
    case INSTRUCTION_reduce:
      return s.reduce.blocks == 1 && s.reduce.strips == 1
                 ? share(g, s.reduce.outer, s.reduce.out, s.reduce.inner)
                 : 0;
    case INSTRUCTION_copy:
      return copy_per_row(g, s.copy);
    case INSTRUCTION_gather:
      return s.gather.outer == 1
                 ? share(g, s.gather.count, s.gather.rows, s.gather.inner)
                 : 0;
    default:
      return 0;
  }
}

// --- what stands in each other's way

bool overlap(const Grouping& g, int32_t a, int32_t b) {
  if (a == b) return true;
  const Value &x = g.p.values[a], &y = g.p.values[b];
  if (x.space == SPACE_constant || y.space == SPACE_constant) return false;
  if (x.space == SPACE_state || y.space == SPACE_state) return false;
  auto lines = [&](const Value& v) {
    const Extent& e = g.p.extents[v.extent];
    return ceil_div((e.scale * g.rows() + e.offset) * 4, kLine);
  };
  return x.line < y.line + lines(y) && y.line < x.line + lines(x);
}

bool conflict(const Grouping& g, const Step& a, const Step& b, bool by_rows) {
  bool found = false;
  for_each_access(g, a, [&](Access x) {
    for_each_access(g, b, [&](Access y) {
      if (found || !(x.writes || y.writes) || !overlap(g, x.value, y.value)) return;
      found = !(by_rows && x.value == y.value && x.by_row && y.by_row);
    });
  });
  return found;
}

bool joins(const Grouping& g, const Group& group, int32_t next) {
  const Step* steps = g.plan->steps;
  bool by_rows = group.block != 0;
  if (by_rows != (steps[next].per_row != 0)) return false;
  if (next == g.p.n_inputs + g.p.n_first_phase) return false;
  if (next - group.first >= (by_rows ? kMaxChainOfRows : kMaxGroup)) return false;
  for (int32_t i = group.first; i < next; i++)
    if (conflict(g, steps[i], steps[next], by_rows)) return false;
  return true;
}

// --- groups

int64_t shared_bytes(const Step& s, const Kernels& kernels) {
  const ReducePlan& r = s.reduce;
  if (s.op == INSTRUCTION_gemm && s.gemm.mode == GEMM_packed)
    return 4 * s.gemm.k * ceil_div(s.gemm.n, kernels.lanes) * kernels.lanes;
  if (s.op == INSTRUCTION_gemm) return 4 * (s.gemm.parts - 1) * s.gemm.m * s.gemm.n;
  if (s.op == INSTRUCTION_reduce && r.blocks > 1)
    return 4 * r.outer * r.blocks * r.inner;
  return 0;
}

// Row by row there is one stage, after the packing of what all rows share.
void prepare_for_rows(Step* step) {
  GemmPlan& m = step->gemm;
  if (step->op != INSTRUCTION_gemm) {
    step->tiles[1] = step->tiles[0];
    step->cost[1] = step->cost[0];
    step->tiles[0] = 0;
  } else if (m.mode == GEMM_panels) {
    m.mode = GEMM_packed;
    m.pack_a = false;
    m.pack_parts = 2 * pool_threads();
    step->tiles[0] = m.pack_parts;
    step->cost[0] = 0.1f * m.k * m.n / m.pack_parts;
  }
}

void add_to_group(Grouping* g, Group* group, Step* step) {
  if (step->per_row) prepare_for_rows(step);
  for (int stage = 0; stage < kStages; stage++) {
    group->tiles[stage] += step->tiles[stage];
    group->cost[stage] += step->tiles[stage] * step->cost[stage];
  }
  int64_t bytes = shared_bytes(*step, g->kernels);
  if (step->op == INSTRUCTION_gemm) step->gemm.shared = g->shared;
  if (step->op == INSTRUCTION_reduce) step->reduce.shared = g->shared;
  g->shared += ceil_div(bytes, kLine) * kLine;
  g->plan->shared_bytes = most(g->plan->shared_bytes, g->shared);
}

// Bytes that a row of the group touches.
int64_t row_bytes(const Grouping& g, const Group& group) {
  int64_t all = 0;
  for (int32_t i = group.first; i < group.last; i++)
    for_each_access(g, g.plan->steps[i], [&](Access x) {
      if (x.writes && x.by_row) all += 4 * g.width(x.value);
    });
  return all;
}

// Whether the tile unit computes some of its products.
bool has_squares(const Grouping& g, const Group& group) {
  for (int32_t i = group.first; i < group.last; i++) {
    const Step& step = g.plan->steps[i];
    if (step.op == INSTRUCTION_gemm && step.gemm.mode == GEMM_tiles) return true;
  }
  return false;
}

// Blocks small enough for the cache, even in size, and some for every thread.
void cut_rows(const Grouping& g, Group* group) {
  if (!group->block) return;
  bool squares = has_squares(g, *group);
  int64_t unit = squares ? g.kernels.gemm_shape.square : kRowUnit;
  int64_t fewest = squares ? kFewestForSquares : kFewestRows;
  int64_t rows = g.rows();
  int64_t fit = most(fewest, kMostBlock / most(1, row_bytes(g, *group)));
  auto even = [&](int64_t blocks) {
    return ceil_div(ceil_div(rows, blocks), unit) * unit;
  };
  int64_t threads = pool_threads(), blocks = ceil_div(rows, fit);
  group->block_alone = even(blocks);
  group->block = even(ceil_div(blocks, threads) * threads);
  group->tiles[1] = ceil_div(rows, group->block);
}

}  // namespace

void make_groups(const Program& p, const Kernels& kernels, Plan* plan) {
  Grouping g = {p, kernels, plan, 0};
  Group* group = plan->groups - 1;
  int32_t n = p.n_inputs + p.n_instructions, first_phase = p.n_inputs + p.n_first_phase;
  for (int32_t i = 0; i < n; i++) {
    Step& step = plan->steps[i];
    if (i == first_phase) plan->n_first_phase = plan->n_groups;
    step.per_row = per_row(g, step);
    if (i == 0 || !joins(g, *group, i)) {
      if (i) cut_rows(g, group);
      *++group = Group{i, i, {}, {}, step.per_row != 0, 0};
      plan->n_groups++;
      g.shared = 0;
    }
    group->last = i + 1;
    add_to_group(&g, group, &step);
  }
  if (n) cut_rows(g, group);
  if (first_phase == n) plan->n_first_phase = plan->n_groups;
}

}  // namespace pronghorn
