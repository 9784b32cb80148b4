// Runs that end early: a flag, an interruption; and many epochs in one call.
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "corpus.h"
#include "epochs.h"
#include "threads.h"

using namespace pronghorn;

namespace {

const Kernels* best() { return instruction_sets().back(); }

const Case& training(const char* name) {
  std::vector<const Case*> found = cases_of(name);
  CHECK(found.size() == 1, "%zu cases are called %s", found.size(), name);
  return *found.at(0);
}

struct Killer {
  int32_t* stop;
  int after;
};

void* set_stop(void* argument) {
  Killer* k = (Killer*)argument;
  usleep(k->after);
  __atomic_store_n(k->stop, 1, __ATOMIC_SEQ_CST);
  return nullptr;
}

// Passes until something ends them.
Outcome run_on(Machine* m, int64_t limit) {
  Outcome outcome = RUN_done;
  while (outcome == RUN_done && m->steps < limit) outcome = m->pass();
  return outcome;
}

// The state after so many whole steps, however they are cut into runs.
std::vector<Bytes> after_steps(const Case& c, int64_t steps) {
  Machine m(c, best());
  CHECK(m.open(), "%s", m.error.text);
  int64_t each = (c.rows + c.batch - 1) / c.batch;
  while (m.steps + each <= steps) m.pass();
  if (m.steps < steps) m.pass(0, (steps - m.steps) * c.batch);
  CHECK(m.steps == steps, "%lld steps", (long long)m.steps);
  std::vector<Bytes> found = m.results();
  found.resize(m.states.size());
  return found;
}

void stop_after(const Case& c, int threads, int microseconds) {
  pool_set_threads(threads);
  Machine m(c, best());
  CHECK(m.open(), "%s", m.error.text);
  Killer killer = {&m.e.stop, microseconds};
  pthread_t other;
  CHECK(!pthread_create(&other, nullptr, set_stop, &killer), "no thread");
  Outcome outcome = run_on(&m, 1 << 30);
  pthread_join(other, nullptr);
  CHECK(outcome == RUN_stopped, "outcome %d", outcome);
  std::vector<Bytes> results = m.results();
  results.resize(m.states.size());
  CHECK(results == after_steps(c, m.steps), "%s, %d threads: half a step after %lld",
        c.name.c_str(), threads, (long long)m.steps);
  __atomic_store_n(&m.e.stop, 0, __ATOMIC_SEQ_CST);
  CHECK(m.pass() == RUN_done, "it does not run again");
}

}  // namespace

TEST(a_stopped_run_ends_after_a_whole_step) {
  for (const char* name :
       {"train small", "train wide", "train large", "train batch norm"})
    for (int threads : {1, 2, 3})
      for (int after : {0, 300, 7000}) stop_after(training(name), threads, after);
  pool_set_threads(1);
}

namespace {

struct Patience {
  int asked, allowed;
};

bool ask(void* argument) {
  Patience* p = (Patience*)argument;
  return ++p->asked > p->allowed;
}

}  // namespace

TEST(an_interrupted_run_ends_after_a_whole_step) {
  for (int threads : {1, 2}) {
    pool_set_threads(threads);
    const Case& c = training("train wide");
    Machine m(c, best());
    CHECK(m.open(), "%s", m.error.text);
    Patience patience = {0, 1};
    m.run.interrupted = ask;
    m.run.interrupted_argument = &patience;
    Outcome outcome = run_on(&m, 1 << 30);
    CHECK(outcome == RUN_interrupted && m.run.signalled, "outcome %d", outcome);
    CHECK(patience.asked == 2, "asked %d times", patience.asked);
    std::vector<Bytes> results = m.results();
    results.resize(m.states.size());
    CHECK(results == after_steps(c, m.steps), "half a step");
  }
  pool_set_threads(1);
}

// --- many epochs in one call

namespace {

// Single numbers of the state: metrics, and counters of steps.
std::vector<Span> single_numbers(const Machine& m) {
  std::vector<Span> spans;
  for (size_t i = 0; i < m.states.size(); i++)
    if (m.states[i].size == 4)
      spans.push_back({m.states[i].at, m.c.before[i].data(), 4});
  return spans;
}

constexpr int kEpochs = 4;

// Two machines: one trains, the other measures on the same state, or there is none.
struct Pair {
  Machine training, validation;
  std::vector<Span> spans;
  bool both;

  Pair(const Case& c, bool both_)
      : training(c, best()), validation(c, best()), both(both_) {
    CHECK(training.open() && validation.open(), "%s", training.error.text);
    for (size_t i = 0; i < training.states.size(); i++)
      bind_state(&validation.e, (int32_t)i, training.states[i].at);
    spans = single_numbers(training);
    CHECK(!spans.empty(), "%s keeps no single number", c.name.c_str());
    validation.run.order = nullptr;
    validation.run.last = training.run.last = c.rows;
    training.run.step = validation.run.step = (uint32_t)c.step;
  }
};

void pass_and_record(Pair* p, Machine* m, Bytes* history) {
  for (const Span& s : p->spans) memcpy(s.at, s.from, s.bytes);
  m->run.steps = 0;
  CHECK(run(&m->e, &m->run) == RUN_done, "%s", m->run.error.text);
  for (const Span& s : p->spans) history->insert(history->end(), s.at, s.at + s.bytes);
}

// The epochs one by one, as `run_epochs` does them; returns the history.
Bytes one_by_one(Pair* p, bool shuffle) {
  Bytes history;
  Machine& m = p->training;
  std::vector<int32_t> order(m.c.rows);
  for (int epoch = 0; epoch < kEpochs; epoch++) {
    CHECK(permutation(m.c.seed, 9 + epoch, (int32_t)m.c.rows, order.data()), "order");
    m.run.order = shuffle ? order.data() : m.c.order.data();
    pass_and_record(p, &m, &history);
    m.run.step += (uint32_t)m.run.steps;
    if (p->both) pass_and_record(p, &p->validation, &history);
  }
  return history;
}

Bytes at_once(Pair* p, bool shuffle) {
  Machine& m = p->training;
  Bytes history(kEpochs * p->spans.size() * 4 * (p->both ? 2 : 1));
  std::vector<int32_t> order(m.c.rows);
  Epochs e = {};
  e.training = &m.e;
  e.run = &m.run;
  e.validation = p->both ? &p->validation.e : nullptr;
  e.validation_run = &p->validation.run;
  e.order = shuffle ? order.data() : nullptr;
  e.first = 9;
  e.count = kEpochs;
  e.resets = e.records = p->spans.data();
  e.n_resets = e.n_records = p->spans.size();
  e.history = history.data();
  CHECK(run_epochs(&e) == RUN_done && e.done == kEpochs, "%lld epochs",
        (long long)e.done);
  return history;
}

}  // namespace

TEST(epochs_at_once_are_the_epochs_one_by_one) {
  pool_set_threads(2);
  for (const Case* c : cases_of("train"))
    for (bool shuffle : {true, false})
      for (bool both : {true, false}) {
        if (testing::kSlow && both != shuffle) continue;
        Pair one(*c, both), other(*c, both);
        CHECK(one_by_one(&one, shuffle) == at_once(&other, shuffle),
              "%s: another history", c->name.c_str());
        CHECK(one.training.results() == other.training.results(), "%s: other weights",
              c->name.c_str());
      }
  pool_set_threads(1);
}
