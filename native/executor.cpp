#include "executor.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cpu.h"
#include "threads.h"

namespace pronghorn {
namespace {

float parallel_threshold = 15000;
constexpr int64_t kLookEvery = 40000000;  // nanoseconds
constexpr float kClockEvery = 100000;     // of estimated work

int64_t clock_now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}

int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

struct Session {  // one call of `run`
  Executable* e;
  Run* r;
  StepContext step;
  bool pooled;    // the pool is ours
  bool may_stop;  // in the first phase
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

// --- one group of steps

struct GroupJob {
  Session* session;
  const Plan* plan;
  const Group* group;
  int stage;
};

void run_step_tile(const Kernels& k, const Step& s, const StepContext& c, int stage,
                   int64_t tile, char* scratch) {
  switch (s.op) {
    case INSTRUCTION_chain:
      return k.chain(s.chain, c, tile, scratch);
    case INSTRUCTION_gemm:
      return stage ? k.gemm(s.gemm, c, tile, scratch) : k.gemm_pack(s.gemm, c, tile);
    case INSTRUCTION_reduce:
      return stage ? k.reduce_combine(s.reduce, c, tile) : k.reduce(s.reduce, c, tile);
    case INSTRUCTION_copy:
      return k.copy(s.copy, c, tile);
    case INSTRUCTION_gather:
      return k.gather(s.gather, c, tile);
    default:
      return k.scatter(s.gather, c, tile);
  }
}

// The step that a tile of the group belongs to; the tile becomes the step's own number.
const Step& step_of(const GroupJob& j, int32_t* tile) {
  const Step* s = &j.plan->steps[j.group->first];
  for (; *tile >= s->tiles[j.stage]; s++) *tile -= (int32_t)s->tiles[j.stage];
  return *s;
}

void group_tile(void* argument, int32_t tile, char* scratch) {
  const GroupJob& j = *(const GroupJob*)argument;
  if (j.session->may_stop && stopped(*j.session)) return;
  const Step& s = step_of(j, &tile);
  run_step_tile(*j.session->e->kernels, s, j.session->step, j.stage, tile, scratch);
}

void group_poll(void* argument, int32_t tile) {
  const GroupJob& j = *(const GroupJob*)argument;
  const Step& s = step_of(j, &tile);
  spent(j.session, s.cost[j.stage]);
}

void run_alone(const GroupJob& j) {
  const Plan& plan = *j.plan;
  Session* session = j.session;
  for (int32_t i = j.group->first; i < j.group->last; i++) {
    const Step& s = plan.steps[i];
    for (int64_t t = 0; t < s.tiles[j.stage]; t++) {
      if (session->may_stop && stopped(*session)) return;
      run_step_tile(*session->e->kernels, s, session->step, j.stage, t,
                    session->e->scratch);
      spent(session, s.cost[j.stage]);
    }
  }
}

void run_group(Session* s, const Plan& plan, const Group& g) {
  for (int stage = 0; stage < kStages; stage++) {
    if (!g.tiles[stage]) continue;
    GroupJob job = {s, &plan, &g, stage};
    bool share = s->pooled && g.tiles[stage] > 1 && g.tiles[stage] < INT32_MAX &&
                 g.cost[stage] >= parallel_threshold;
    if (share)
      pool_run((int32_t)g.tiles[stage], group_tile, group_poll, &job, s->e->scratch);
    else
      run_alone(job);
  }
}

// --- inputs and outputs of one batch

struct Assembly {
  Session* session;
  const DataArray* data;
  char* to;
  int64_t first, rows, width, group;
};

void widen(const char* from, char* to, int64_t n) {
  float* out = (float*)to;
  for (int64_t i = 0; i < n; i++) out[i] = from[i] != 0;
}

// A few rows of the batch, from where the order finds them.
void assemble_tile(void* argument, int32_t tile, char*) {
  const Assembly& a = *(const Assembly*)argument;
  const int32_t* order = a.session->r->order;
  int64_t bytes = a.width * (a.data->narrow ? 1 : 4);
  int64_t last = least((tile + 1) * a.group, a.rows);
  for (int64_t i = tile * a.group; i < last; i++) {
    int64_t row = order ? order[a.first + i] : a.first + i;
    if (row < 0 || row >= a.data->count) row = 0;  // checked before; memory may change
    const char* from = a.data->rows + row * bytes;
    char* to = a.to + i * a.width * 4;
    if (a.data->narrow)
      widen(from, to, a.width);
    else
      memcpy(to, from, bytes);
  }
}

void bind_input(Session* s, int32_t i, int64_t first, int64_t rows) {
  Executable* e = s->e;
  int32_t value = e->program.input_values[i];
  const DataArray* data = &s->r->data[i];
  int64_t width = value_elements(*e, value, 1);
  if (!s->r->order && !data->narrow) {
    e->pointers[value] = (void*)(data->rows + first * width * 4);
    return;
  }
  char* to = e->arena + e->program.values[value].line * kLine;
  e->pointers[value] = to;
  float cost = rows * (10 + 0.3f * width);
  Assembly a = {s, data, to, first, rows, width, 0};
  int64_t tiles = cost < parallel_threshold || !s->pooled
                      ? 1
                      : least(rows, (int64_t)(cost / 4000) + 2);
  a.group = (rows + tiles - 1) / tiles;
  tiles = (rows + a.group - 1) / a.group;
  if (tiles > 1)
    pool_run((int32_t)tiles, assemble_tile, nullptr, &a, nullptr);
  else
    assemble_tile(&a, 0, nullptr);
  spent(s, cost);
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

bool grow(char** memory, int64_t* have, int64_t need) {
  if (*have >= need) return true;
  free(*memory);
  *have = 0;
  if (posix_memalign((void**)memory, kLine, need)) {
    *memory = nullptr;
    return false;
  }
  *have = need;
  return true;
}

// Plans are kept: a run needs one for its batches and one for the last, smaller one.
const Plan* plan_for(Executable* e, int64_t rows, Error* error) {
  for (Plan& plan : e->plans)
    if (plan.rows == rows) return &plan;
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
  return (!rest || plan_for(e, rest, error)) &&
         (total < r.batch_size || plan_for(e, r.batch_size, error));
}

// --- one step

bool guard_holds(const Executable& e) {
  return e.program.guard < 0 || *(const float*)e.pointers[e.program.guard] != 0;
}

Outcome one_step(Session* s, const Plan& plan, int64_t first) {
  Executable* e = s->e;
  for (int32_t i = 0; i < e->program.n_inputs; i++) bind_input(s, i, first, plan.rows);
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
    const Plan* plan = plan_for(s->e, least(r->batch_size, r->last - at), &r->error);
    if (!plan) return RUN_error;
    s->step.step = r->step + (uint32_t)r->steps;
    r->rows_from = at;
    Outcome outcome = one_step(s, *plan, at);
    if (outcome != RUN_done) return outcome;
    r->steps++;
    if (stopped(*s)) return r->signalled ? RUN_interrupted : RUN_stopped;
  }
  return RUN_done;
}

}  // namespace

void set_parallel_threshold(float nanoseconds) { parallel_threshold = nanoseconds; }

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
  if (!e->pointers ||
      posix_memalign((void**)&e->arena, kLine, p.arena_bytes + 2 * kLine)) {
    e->arena = nullptr;
    return fail(error, "no memory for an arena of %lld bytes",
                (long long)p.arena_bytes);
  }
  for (int32_t i = 0; i < p.n_values; i++) {
    const Value& v = p.values[i];
    if (v.space == SPACE_constant)
      e->pointers[i] = (void*)(p.constants + v.index);
    else if (v.space != SPACE_state)
      e->pointers[i] = e->arena + v.line * kLine;
  }
  return plan_for(e, p.max_rows, error);
}

void close_executable(Executable* e) {
  for (Plan& plan : e->plans) free_plan(&plan);
  free_program(&e->program);
  free(e->pointers);
  free(e->arena);
  free(e->shared);
  free(e->scratch);
  pthread_mutex_destroy(&e->lock);
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
      outcome = all_steps(&s);
      if (s.pooled) pool_release();
    }
  }
  restore_float_mode(mode);
  return outcome;
}

}  // namespace pronghorn
