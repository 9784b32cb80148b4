// A thousand steps allocate nothing.
#include "allocations.h"

#include <stdlib.h>
#include <sys/mman.h>

#include <new>

#include "check.h"
#include "corpus.h"
#include "epochs.h"
#include "threads.h"

using namespace pronghorn;

namespace {

constexpr int64_t kSteps = testing::kSlow ? 20 : 1000;

// What the steps after the first pass allocate.
int64_t allocated(const Case& c, int threads) {
  pool_set_threads(threads);
  Machine m(c, instruction_sets().back());
  CHECK(m.open(), "%s: %s", c.name.c_str(), m.error.text);
  CHECK(m.pass() == RUN_done, "%s does not run", c.name.c_str());
  int64_t last = m.steps + kSteps, before = allocations();
  while (m.steps < last)
    if (m.pass() != RUN_done) break;
  int64_t after = allocations();
  CHECK(m.steps >= last, "%s ends after %lld steps", c.name.c_str(),
        (long long)m.steps);
  return after - before;
}

}  // namespace

TEST(a_thousand_steps_allocate_nothing) {
  for (int threads : {1, 2})
    for (const Case& c : corpus()) {
      bool wanted = !c.name.compare(0, 5, "train") || c.name.find(" 17") != c.name.npos;
      if (!wanted || c.outcome != RUN_done) continue;
      int64_t n = allocated(c, threads);
      CHECK(!n, "%s, %d threads: %lld allocations", c.name.c_str(), threads,
            (long long)n);
    }
  pool_set_threads(1);
}

TEST(nor_do_epochs_in_one_call) {
  pool_set_threads(2);
  for (const Case* c : cases_of("train")) {
    Machine m(*c, instruction_sets().back());
    CHECK(m.open() && m.pass() == RUN_done, "%s", m.error.text);
    std::vector<int32_t> order(c->rows);
    int64_t counts[2];
    for (int i = 0; i < 2; i++) {
      Epochs e = {};
      e.training = &m.e;
      e.run = &m.run;
      e.order = order.data();
      e.count = i ? kSteps / 10 : 1;
      int64_t before = allocations();
      CHECK(run_epochs(&e) == RUN_done, "%s does not run", c->name.c_str());
      counts[i] = allocations() - before;
    }
    // One call may ask for room once, whatever the number of epochs.
    CHECK(counts[0] == counts[1], "%s: %lld allocations in one epoch, %lld in many",
          c->name.c_str(), (long long)counts[0], (long long)counts[1]);
    CHECK(counts[1] <= 1, "%lld allocations", (long long)counts[1]);
  }
  pool_set_threads(1);
}

namespace {

void* volatile kept;

struct alignas(64) Wide {
  char bytes[64];
};

}  // namespace

TEST(planted_allocations_are_seen) {
  int64_t at = allocations();
  auto counted = [&at](const char* name) {
    // In a static program `new` calls a malloc that is counted too.
    CHECK(allocations() > at, "%s was not counted", name);
    at = allocations();
  };
  void* p = nullptr;
  kept = malloc(3), counted("malloc");
  kept = realloc(kept, 5), counted("realloc"), free(kept);
  kept = calloc(3, 1), counted("calloc"), free(kept);
  kept = aligned_alloc(64, 64), counted("aligned_alloc"), free(kept);
  CHECK(!posix_memalign(&p, 64, 64), "no memory");
  counted("posix_memalign"), free(p);
  kept = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  counted("mmap"), munmap(kept, 4096);
  kept = new int, counted("new"), delete (int*)kept;
  kept = new int[3], counted("new[]"), delete[] (int*)kept;
  kept = new Wide, counted("aligned new"), delete (Wide*)kept;
  kept = new Wide[3], counted("aligned new[]"), delete[] (Wide*)kept;
}
