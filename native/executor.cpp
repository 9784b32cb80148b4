#include "executor.h"

#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "cpu.h"
#include "numbers.h"
#include "threads.h"

namespace pronghorn {
namespace {

constexpr int64_t kLookEvery = 40000000;  // nanoseconds
constexpr float kClockEvery = 100000;     // of estimated work

struct Session {  // one call of `run`
  Executable* e;
  Run* r;
  StepContext step;
  int64_t rows;     // of the batch
  bool pooled;      // the pool is ours
  float threshold;  // nanoseconds of work that are shared
  bool may_stop;    // in the first phase
};

// Looks now and then whether the caller wants to stop.
void spent(Session* s, float nanoseconds) {
  Run* r = s->r;
  r->pending += nanoseconds;
  if (r->pending < kClockEvery || !r->interrupted) return;
  r->pending = 0;
  int64_t now = clock_now();
  if (now < r->next_look) return;
  r->next_look = now + kLookEvery;
  if (!r->signalled && r->interrupted(r->interrupted_argument)) {
    r->signalled = true;
    __atomic_store_n(&s->e->stop, 1, __ATOMIC_SEQ_CST);
  }
}

bool stopped(const Session& s) { return __atomic_load_n(&s.e->stop, __ATOMIC_RELAXED); }

// --- parts of one step

// Batches of fewer bytes are fetched a batch ahead, others so many rows; tables that
// stay in the first cache are not.
constexpr int64_t kNear = 64 << 10, kAhead = 16, kStays = 16 << 10;

// Only a hint: an address that is not there does no harm.
void fetch(const char* row, int64_t bytes) {
  for (int64_t i = 0; i < bytes && i < 4 * kLine; i += kLine)
    __builtin_prefetch(row + i);
}

// Copies rows to where they lie one after the other.
struct Rows {
  const char* from;
  char* to;
  int64_t width, bytes;  // of a row, where it comes from
};

void widen_row(const Rows& r, int64_t i, int64_t row) {
  const char* from = r.from + row * r.bytes;
  float* to = (float*)r.to + i * r.width;
  for (int64_t j = 0; j < r.width; j++) to[j] = from[j] != 0;
}

void copy_row(const Rows& r, int64_t i, int64_t row) {
  memcpy(r.to + i * r.bytes, r.from + row * r.bytes, r.bytes);
}

// Calling memcpy for a few elements takes longer than copying them.
template <int Width>
void copy_few(const Rows& r, int64_t i, int64_t row) {
  const int32_t* from = (const int32_t*)r.from + row * Width;
  int32_t* to = (int32_t*)r.to + i * Width;
  for (int j = 0; j < Width; j++) to[j] = from[j];
}

struct Batch {
  const Session& session;
  int64_t count;  // rows there are
  int64_t first, last;
};

template <void (*Copy)(const Rows&, int64_t, int64_t)>
void pick(const Batch& b, const Rows& r) {
  const Session& s = b.session;
  const int32_t* order = s.r->order;
  auto checked = [&](int64_t row) {  // before, too; but memory may change
    return (uint64_t)row < (uint64_t)b.count ? row : 0;
  };
  int64_t from = s.r->rows_from, i = b.first;
  if (!order) {
    for (; i < b.last; i++) Copy(r, i, checked(from + i));
    return;
  }
  order += from;
  // While these rows are copied, those that this thread will want next are sent for.
  int64_t ahead = s.rows * r.bytes < kNear ? s.rows : kAhead;
  int64_t fetched = b.count * r.bytes > kStays ? s.r->last - from - ahead : 0;
  for (; i < b.last && i < fetched; i++) {
    fetch(r.from + order[i + ahead] * r.bytes, r.bytes);
    Copy(r, i, checked(order[i]));
  }
  for (; i < b.last; i++) Copy(r, i, checked(order[i]));
}

// Rows [first, last) of the batch, from where the order finds them.
void assemble(const Session& s, const AssemblePlan& a, int64_t first, int64_t last) {
  const DataArray& data = s.r->data[a.input];
  char* to = (char*)s.e->pointers[a.value];
  if (to != s.e->arena + s.e->program.values[a.value].line * kLine) return;
  Rows rows = {data.rows, to, a.width, a.width * (data.narrow ? 1 : 4)};
  Batch batch = {s, data.count, first, last};
  if (data.narrow) return pick<widen_row>(batch, rows);
  switch (a.width) {
    case 1:
      return pick<copy_few<1>>(batch, rows);
    case 2:
      return pick<copy_few<2>>(batch, rows);
    case 3:
      return pick<copy_few<3>>(batch, rows);
    case 4:
      return pick<copy_few<4>>(batch, rows);
    default:
      return pick<copy_row>(batch, rows);
  }
}

void gemm_tile(const Session& s, const GemmPlan& g, int64_t tile, char* scratch) {
  int64_t tiles = g.blocks_m * g.blocks_n, in = tile % tiles;
  int64_t row = in / g.blocks_n * g.block_m, column = in % g.blocks_n * g.block_n;
  int64_t product = tile / tiles * g.group;
  GemmTile t = {product,
                row,
                least(g.block_m, g.m - row),
                column,
                least(g.block_n, g.n - column),
                least(g.group, g.count - product)};
  s.e->kernels->gemm(g, s.step, t, scratch);
}

void part_tile(const Session& s, const GemmPlan& g, int64_t tile, char* scratch) {
  int64_t tiles = g.blocks_m * g.blocks_n, i = tile / tiles;
  GemmPlan part = g;
  part.from_k = i * g.part_k;
  part.k = i < g.parts - 1 ? g.part_k : g.k - part.from_k;
  if (i) part.apart = (float*)(s.step.shared + g.shared) + (i - 1) * g.m * g.n;
  gemm_tile(s, part, tile % tiles, scratch);
}

// A product that is cut along K: its parts, and then their sum.
void parts_tile(const Session& s, const GemmPlan& g, int stage, int64_t tile,
                char* scratch) {
  if (!stage) return part_tile(s, g, tile, scratch);
  int64_t first = tile * kAddedAtOnce;
  s.e->kernels->gemm_add(g, s.step, first, least(first + kAddedAtOnce, g.m * g.n));
}

void reduce_tile(const Session& s, const ReducePlan& r, int64_t tile) {
  int64_t group = tile / r.strips / r.blocks;
  ReduceTile t = {group * r.group, least((group + 1) * r.group, r.outer),
                  tile / r.strips % r.blocks, tile % r.strips};
  s.e->kernels->reduce(r, s.step, t);
}

// One of the tiles into which a stage of a step was cut.
void run_tile(const Session& session, const Step& s, int stage, int64_t t,
              char* scratch) {
  const Kernels& k = *session.e->kernels;
  const StepContext& c = session.step;
  switch (s.op) {
    case INSTRUCTION_chain: {
      int64_t chunk = s.chain.chunk;
      return k.chain(s.chain, c, t * chunk, least((t + 1) * chunk, s.chain.size),
                     scratch);
    }
    case INSTRUCTION_gemm:
      if (s.gemm.parts > 1) return parts_tile(session, s.gemm, stage, t, scratch);
      return stage ? gemm_tile(session, s.gemm, t, scratch) : k.gemm_pack(s.gemm, c, t);
    case INSTRUCTION_reduce:
      return stage ? k.reduce_combine(s.reduce, c, t)
                   : reduce_tile(session, s.reduce, t);
    case INSTRUCTION_copy:
      return k.copy(s.copy, c, t * s.copy.group,
                    least((t + 1) * s.copy.group, s.copy.rows));
    case INSTRUCTION_gather:
      return k.gather(s.gather, c, t * s.gather.group,
                      least((t + 1) * s.gather.group, s.gather.outer * s.gather.count));
    default:
      return k.scatter(s.gather, c, t);
  }
}

// A step that can be done by rows, for some of them.
void run_rows(const Session& session, const Step& s, int64_t first, int64_t last,
              char* scratch) {
  const Kernels& k = *session.e->kernels;
  const StepContext& c = session.step;
  int64_t from = first * s.per_row, to = last * s.per_row;
  switch (s.op) {
    case STEP_assemble:
      return assemble(session, s.assemble, first, last);
    case INSTRUCTION_chain:
      return k.chain(s.chain, c, from, to, scratch);
    case INSTRUCTION_gemm: {
      const GemmPlan& g = s.gemm;
      GemmTile t = g.turned ? GemmTile{0, 0, 1, from, to - from, 1}
                            : GemmTile{0, from, to - from, 0, g.n, 1};
      return k.gemm(g, c, t, scratch);
    }
    case INSTRUCTION_reduce:
      return k.reduce(s.reduce, c, ReduceTile{from, to, 0, 0});
    case INSTRUCTION_copy:
      return k.copy(s.copy, c, from, to);
    default:
      return k.gather(s.gather, c, from, to);
  }
}

// --- one group of steps

struct GroupJob {
  Session* session;
  const Plan* plan;
  const Group* group;
  int stage;
  int64_t block;  // rows; 0: tiles of single steps
};

// The step that a tile of the group belongs to; the tile becomes the step's own number.
// Up to four threads, every thread's share of a group is a share of each of its steps,
// and the same one of all: what one step makes of some rows, or weights, the next one
// finds in its cache. Of more, two or so have such a share together.
const Step& step_of(const GroupJob& j, int64_t* tile) {
  constexpr int64_t kMostHands = 4;
  const Step* steps = j.plan->steps;
  int64_t hands = least(j.plan->threads, kMostHands);
  for (int64_t hand = 0;; hand++)
    for (int32_t i = j.group->first; i < j.group->last; i++) {
      int64_t tiles = steps[i].tiles[j.stage], odd = i % hands;
      int64_t first = (tiles * hand + odd) / hands;
      int64_t count = (tiles * (hand + 1) + odd) / hands - first;
      if (*tile < count) {
        *tile += first;
        return steps[i];
      }
      *tile -= count;
    }
}

void run_block(const GroupJob& j, int64_t first, char* scratch) {
  int64_t last = least(first + j.block, j.plan->rows);
  for (int32_t i = j.group->first; i < j.group->last; i++) {
    if (j.session->may_stop && stopped(*j.session)) return;
    run_rows(*j.session, j.plan->steps[i], first, last, scratch);
  }
}

void group_tile(void* argument, int32_t number, char* scratch) {
  const GroupJob& j = *(const GroupJob*)argument;
  if (j.session->may_stop && stopped(*j.session)) return;
  if (j.block) return run_block(j, number * j.block, scratch);
  int64_t tile = number;
  const Step& s = step_of(j, &tile);
  run_tile(*j.session, s, j.stage, tile, scratch);
}

void group_poll(void* argument, int32_t) {
  const GroupJob& j = *(const GroupJob*)argument;
  spent(j.session, j.group->cost[j.stage] / j.group->tiles[j.stage]);
}

// All tiles of a short step's last stage.
void run_whole(const Session& session, const Step& s, char* scratch) {
  const Kernels& k = *session.e->kernels;
  if (s.op == INSTRUCTION_chain)
    return k.chain(s.chain, session.step, 0, s.chain.size, scratch);
  k.gemm(s.gemm, session.step, GemmTile{0, 0, s.gemm.m, 0, s.gemm.n, 1}, scratch);
}

void run_alone(const GroupJob& j) {
  Session* session = j.session;
  for (int32_t i = j.group->first; i < j.group->last; i++) {
    const Step& s = j.plan->steps[i];
    if (s.whole && s.tiles[j.stage] && j.stage == (s.op == INSTRUCTION_gemm)) {
      if (session->may_stop && stopped(*session)) return;
      run_whole(*session, s, session->e->scratch);
      spent(session, s.tiles[j.stage] * s.cost[j.stage]);
      continue;
    }
    for (int64_t t = 0; t < s.tiles[j.stage]; t++) {
      if (session->may_stop && stopped(*session)) return;
      run_tile(*session, s, j.stage, t, session->e->scratch);
      spent(session, s.cost[j.stage]);
    }
  }
}

void run_blocks_alone(const GroupJob& j) {
  float cost = j.group->cost[j.stage] * j.block / j.plan->rows;
  for (int64_t row = 0; row < j.plan->rows; row += j.block) {
    run_block(j, row, j.session->e->scratch);
    spent(j.session, cost);
  }
}

void run_stages(Session* s, const Plan& plan, const Group& g) {
  for (int stage = 0; stage < kStages; stage++) {
    if (!g.tiles[stage]) continue;
    bool share = s->pooled && g.tiles[stage] > 1 && g.tiles[stage] < INT32_MAX &&
                 g.cost[stage] >= s->threshold;
    bool by_rows = g.block && stage == 1;
    GroupJob job = {s, &plan, &g, stage, 0};
    if (by_rows) job.block = share ? g.block : g.block_alone;
    if (share)
      pool_run((int32_t)g.tiles[stage], group_tile, group_poll, &job, s->e->scratch);
    else if (by_rows)
      run_blocks_alone(job);
    else
      run_alone(job);
  }
}

// Profiled, the steps of a group run one after the other, each against the clock.
void run_profiled(Session* s, const Plan& plan, const Group& g) {
  for (int32_t i = g.first; i < g.last; i++) {
    const Step& step = plan.steps[i];
    Group alone = g;
    alone.first = i;
    alone.last = i + 1;
    for (int stage = 0; stage < kStages; stage++) {
      if (!g.block || stage == 0) alone.tiles[stage] = step.tiles[stage];
      alone.cost[stage] = step.tiles[stage] * step.cost[stage];
    }
    int64_t start = clock_now();
    run_stages(s, plan, alone);
    Spent& spent = s->e->spent[i];
    spent.nanoseconds += clock_now() - start;
    spent.times++;
    spent.flops += step.flops;
    spent.bytes += step.bytes;
  }
}

void run_group(Session* s, const Plan& plan, const Group& g) {
  s->e->spent ? run_profiled(s, plan, g) : run_stages(s, plan, g);
}

// --- inputs and outputs of one batch

// Rows that need no picking are read where they lie.
void bind_input(Session* s, int32_t i, int64_t first) {
  Executable* e = s->e;
  int32_t value = e->program.input_values[i];
  const DataArray& data = s->r->data[i];
  int64_t width = value_elements(*e, value, 1);
  e->pointers[value] = s->r->order || data.narrow
                           ? e->arena + e->program.values[value].line * kLine
                           : (void*)(data.rows + first * width * 4);
}

void bind_output(Session* s, int32_t i, int64_t first) {
  Executable* e = s->e;
  int32_t value = e->program.output_values[i];
  const OutputArray& out = s->r->outputs[i];
  if (!out.data)
    e->pointers[value] = e->arena + e->program.values[value].line * kLine;
  else
    e->pointers[value] =
        out.data + (out.by_row ? first * value_elements(*e, value, 1) * 4 : 0);
}

// --- plans

// Large buffers lie on large pages where the system has them: fewer translations.
char* large_memory(int64_t bytes) {
  constexpr int64_t kLargePage = 2 << 20;
  void* memory = nullptr;
  bool large = bytes >= kLargePage;
  if (posix_memalign(&memory, large ? kLargePage : kLine, bytes)) return nullptr;
#if defined(__linux__)
  if (large) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return (char*)memory;
}

bool grow(char** memory, int64_t* have, int64_t need) {
  if (*have >= need) return true;
  char* larger = large_memory(need);
  if (!larger) return false;  // what other plans need is still there
  free(*memory);
  *memory = larger;
  *have = need;
  return true;
}

Plan* known_plan(Executable* e, int64_t rows) {
  for (Plan& plan : e->plans)  // one is cut for so many threads
    if (plan.rows == rows && plan.threads == pool_threads()) return &plan;
  return nullptr;
}

// Plans are kept: a run needs one for its batches and one for the last, smaller one. A
// new one takes the place of the oldest but `kept`.
Plan* plan_for(Executable* e, int64_t rows, const Plan* kept, Error* error) {
  if (Plan* known = known_plan(e, rows)) return known;
  if (&e->plans[e->next_plan] == kept) e->next_plan = (e->next_plan + 1) % kPlans;
  Plan* plan = &e->plans[e->next_plan];
  free_plan(plan);
  if (!make_plan(e->program, *e->kernels, rows, plan, error)) {
    free_plan(plan);
    return nullptr;
  }
  e->next_plan = (e->next_plan + 1) % kPlans;
  if (!grow(&e->shared, &e->shared_bytes, plan->shared_bytes) ||
      !grow(&e->scratch, &e->scratch_bytes, plan->scratch_bytes)) {
    fail(error, "out of memory");
    free_plan(plan);
    return nullptr;
  }
  return plan;
}

// Both plans of a run are made first: they say how much scratch memory the workers
// need.
bool plans_for(Executable* e, const Run& r, Error* error) {
  int64_t total = r.last - r.first, rest = total % r.batch_size;
  Plan* last = rest ? plan_for(e, rest, nullptr, error) : nullptr;
  if (rest && !last) return false;
  return total < r.batch_size || plan_for(e, r.batch_size, last, error);
}

// --- one step

bool guard_holds(const Executable& e) {
  return e.program.guard < 0 || *(const float*)e.pointers[e.program.guard] != 0;
}

Outcome one_step(Session* s, const Plan& plan, int64_t first) {
  Executable* e = s->e;
  s->rows = plan.rows;
  for (int32_t i = 0; i < e->program.n_inputs; i++) bind_input(s, i, first);
  for (int32_t i = 0; i < e->program.n_outputs; i++) bind_output(s, i, first);
  s->step.shared = e->shared;
  s->may_stop = true;
  for (int32_t g = 0; g < plan.n_first_phase; g++) {
    run_group(s, plan, plan.groups[g]);
    if (stopped(*s)) return s->r->signalled ? RUN_interrupted : RUN_stopped;
  }
  if (s->r->fault.where != UINT64_MAX) return RUN_fault;
  if (!guard_holds(*e)) return RUN_guarded;
  s->may_stop = false;  // from here on a step is done whole
  for (int32_t g = plan.n_first_phase; g < plan.n_groups; g++)
    run_group(s, plan, plan.groups[g]);
  return RUN_done;
}

Outcome all_steps(Session* s) {
  Run* r = s->r;
  for (int64_t at = r->first; at < r->last; at += r->batch_size) {
    Plan* plan = plan_for(s->e, least(r->batch_size, r->last - at), nullptr, &r->error);
    if (!plan) return RUN_error;
    s->step.step = r->step + (uint32_t)r->steps;
    r->rows_from = at;
    if (s->pooled) s->threshold = sharing_threshold(&plan->sharing, plan->cost);
    Outcome outcome = one_step(s, *plan, at);
    if (outcome != RUN_done) return outcome;
    r->steps++;
    if (stopped(*s)) return r->signalled ? RUN_interrupted : RUN_stopped;
  }
  return RUN_done;
}

void turn_clocks(Executable* e, void (*turn)(Sharing*)) {
  for (Plan& plan : e->plans) turn(&plan.sharing);
}

}  // namespace

int64_t value_elements(const Executable& e, int32_t value, int64_t rows) {
  const Extent& x = e.program.extents[e.program.values[value].extent];
  return x.scale * rows + x.offset;
}

void bind_state(Executable* e, int32_t state, void* memory) {
  e->pointers[e->program.state_values[state]] = memory;
}

bool open_executable(const void* bytes, int64_t size, const Kernels* kernels,
                     Executable* e, Error* error) {
  memset(e, 0, sizeof *e);
  pthread_mutexattr_t kind;
  pthread_mutexattr_init(&kind);
  pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_init(&e->lock, &kind);
  pthread_mutexattr_destroy(&kind);
  e->kernels = kernels;
  if (!load_program(bytes, size, &e->program, error)) return false;
  const Program& p = e->program;
  e->pointers = (void**)calloc(p.n_values + 1, sizeof(void*));
  // Vectors may reach beyond the last buffer.
  e->arena = large_memory(p.arena_bytes + 2 * kLine);
  if (!e->pointers || !e->arena)
    return fail(error, "no memory for an arena of %lld bytes",
                (long long)p.arena_bytes);
  for (int32_t i = 0; i < p.n_values; i++) {
    const Value& v = p.values[i];
    if (v.space == SPACE_constant)
      e->pointers[i] = (void*)(p.constants + v.index);
    else if (v.space != SPACE_state)
      e->pointers[i] = e->arena + v.line * kLine;
  }
  return plan_for(e, p.max_rows, nullptr, error);
}

void close_executable(Executable* e) {
  for (Plan& plan : e->plans) free_plan(&plan);
  free_program(&e->program);
  free(e->pointers);
  free(e->arena);
  free(e->shared);
  free(e->scratch);
  free(e->spent);
  pthread_mutex_destroy(&e->lock);
}

bool set_profiled(Executable* e, bool on) {
  free(e->spent);
  size_t steps = e->program.n_inputs + e->program.n_instructions;
  e->spent = on ? (Spent*)calloc(steps, sizeof(Spent)) : nullptr;
  return !on || e->spent;
}

Outcome run(Executable* e, Run* r) {
  Session s = {};
  s.e = e;
  s.r = r;
  s.step.pointer = e->pointers;
  s.step.seed = r->seed;
  s.step.stop = &e->stop;
  s.step.fault = &r->fault;
  r->fault.where = UINT64_MAX;
  if (!r->next_look) r->next_look = clock_now() + kLookEvery;
  uint64_t mode = set_flush_to_zero();
  Outcome outcome = RUN_done;
  if (r->first < r->last) {
    if (!plans_for(e, *r, &r->error)) {
      outcome = RUN_error;
    } else {
      s.pooled = pool_acquire(e->scratch_bytes);
      if (s.pooled) turn_clocks(e, resume_sharing);
      outcome = all_steps(&s);
      if (s.pooled) turn_clocks(e, pause_sharing);
      if (s.pooled) pool_release();
    }
  }
  restore_float_mode(mode);
  return outcome;
}

}  // namespace pronghorn
