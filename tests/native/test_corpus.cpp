// Every program on every instruction set gives the reference's values, and the same
// bits on any number of threads.
#include <math.h>
#include <string.h>

#include "check.h"
#include "corpus.h"
#include "threads.h"

using namespace pronghorn;

namespace {

const int kThreads[] = {1, 2, 3, 8};

float number(const Bytes& bytes, size_t i) {
  float x;
  memcpy(&x, bytes.data() + 4 * i, 4);
  return x;
}

bool close(float have, float want, double tolerance) {
  if (have == want || (isnan(have) && isnan(want))) return true;
  return isfinite(want) && fabs(have - want) <= tolerance * (1 + fabs(want));
}

// The first element that differs, or -1.
int64_t difference(const Bytes& have, const Bytes& want, int32_t dtype,
                   double tolerance) {
  for (size_t i = 0; i < want.size() / 4; i++) {
    bool same = dtype == DTYPE_int32
                    ? !memcmp(&have[4 * i], &want[4 * i], 4)
                    : close(number(have, i), number(want, i), tolerance);
    if (!same) return i;
  }
  return -1;
}

void compare(const Machine& m, const std::vector<Bytes>& have) {
  const Program& p = m.e.program;
  for (size_t i = 0; i < have.size(); i++) {
    bool state = i < m.states.size();
    size_t place = state ? i : i - m.states.size();
    const Bytes& want = state ? m.c.after[place] : m.c.outputs[place];
    int32_t value = state ? p.state_values[place] : p.output_values[place];
    int32_t dtype = p.values[value].dtype;
    int64_t at = difference(have[i], want, dtype, m.c.tolerance);
    CHECK(at < 0, "%s on %s: %s %zu differs at %lld: %g, not %g", m.c.name.c_str(),
          m.kernels->name, state ? "state" : "output", place, (long long)at,
          number(have[i], at), number(want, at));
  }
}

void check_end(const Machine& m, Outcome outcome) {
  const Case& c = m.c;
  CHECK(outcome == c.outcome, "%s: outcome %d, not %d: %s", c.name.c_str(), outcome,
        (int)c.outcome, m.run.error.text);
  CHECK(m.steps == c.steps, "%s: %lld steps", c.name.c_str(), (long long)m.steps);
  if (outcome != RUN_fault) return;
  uint64_t where = (uint64_t)c.fault_position << 32 | (uint32_t)c.fault_index;
  CHECK(m.run.fault.where == where, "%s: fault at %llu, value %d", c.name.c_str(),
        (unsigned long long)m.run.fault.where >> 32, (int)m.run.fault.where);
}

void on_all_threads(const Case& c, const Kernels* kernels) {
  bool few =
      c.name.compare(0, 5, "train");  // of one instruction: no order to get wrong
  std::vector<Bytes> alone;
  for (int threads : kThreads) {
    if (testing::kSlow && few && threads != 1 && threads != 3) continue;
    pool_set_threads(threads);
    Machine m(c, kernels);
    CHECK(m.open(), "%s: %s", c.name.c_str(), m.error.text);
    Outcome outcome = m.all();
    check_end(m, outcome);
    std::vector<Bytes> results = m.results();
    // What a step that failed left in the outputs is nobody's business.
    if (outcome != RUN_done) results.resize(m.states.size());
    if (threads == 1) {
      compare(m, results);
      alone = results;
    }
    CHECK(results == alone, "%s on %s: other bits with %d threads", c.name.c_str(),
          kernels->name, threads);
  }
}

struct Everything {  // however little the work, each worker does its own share
  Everything() {
    set_parallel_threshold(0);
    pool_set_helping(false);
  }
  ~Everything() {
    set_parallel_threshold(-1);
    pool_set_helping(true);
    pool_set_threads(1);
  }
};

}  // namespace

TEST(every_program_on_all_threads_and_instruction_sets) {
  Everything shared;
  for (const Kernels* kernels : instruction_sets())
    for (const Case& c : corpus()) on_all_threads(c, kernels);
}

TEST(training_and_products_with_helping_and_the_usual_threshold) {
  for (const Kernels* kernels : instruction_sets())
    for (const char* kind : {"train", "product"})
      for (const Case* c : cases_of(kind)) on_all_threads(*c, kernels);
  pool_set_threads(1);
}

TEST(profiled_runs_and_unwanted_outputs_change_nothing) {
  for (const Case& c : corpus()) {
    bool wanted = c.outcome == RUN_done && !c.outputs.empty();
    if (!wanted || (testing::kSlow && c.name.find(" 17") == c.name.npos)) continue;
    std::vector<Bytes> found[3];
    for (int i = 0; i < 3; i++) {
      Machine m(c, instruction_sets().back());
      CHECK(m.open(), "%s", m.error.text);
      if (i == 1) CHECK(set_profiled(&m.e, true), "no memory");
      if (i == 2) m.out[0].data = nullptr;
      check_end(m, m.all());
      found[i] = m.results();
      if (i == 2) found[i][m.states.size()] = found[0][m.states.size()];
    }
    CHECK(found[1] == found[0], "%s: other bits when profiled", c.name.c_str());
    CHECK(found[2] == found[0], "%s: other bits without an output", c.name.c_str());
  }
}

TEST(a_wrong_value_is_seen) {
  float want[] = {1, NAN, INFINITY, 1e9f}, have[4];
  auto bytes = [](const float* x) { return Bytes((char*)x, (char*)(x + 4)); };
  CHECK(difference(bytes(want), bytes(want), DTYPE_float32, 1e-6) < 0, "equal");
  const float wrong[] = {1.001f, 0, -INFINITY, NAN};
  for (int i = 0; i < 4; i++) {
    memcpy(have, want, sizeof have);
    have[i] = wrong[i];
    int64_t at = difference(bytes(have), bytes(want), DTYPE_float32, 1e-6);
    CHECK(at == i, "element %d: %d", i, (int)at);
  }
}
