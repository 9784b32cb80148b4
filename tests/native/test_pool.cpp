// The pool of threads: each tile once, whoever does it.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "check.h"
#include "threads.h"

using namespace pronghorn;

namespace {

struct Count {
  std::vector<int> done;  // of each tile, written by whoever has it
  std::vector<int> polled;
};

void count_tile(void* job, int32_t tile, char* scratch) {
  ((Count*)job)->done[tile]++;
  if (scratch) scratch[0] = (char)tile;  // the worker's own
}

void count_poll(void* job, int32_t tile) { ((Count*)job)->polled[tile]++; }

constexpr size_t kScratch = 256;

// Runs a job of so many tiles; false if the pool was not to be had.
bool run_job(int32_t tiles, char* scratch) {
  if (!pool_acquire(kScratch)) return false;
  Count count = {std::vector<int>(tiles), std::vector<int>(tiles)};
  pool_run(tiles, count_tile, count_poll, &count, scratch);
  pool_release();
  int wrong = 0;
  for (int32_t i = 0; i < tiles; i++)
    wrong += count.done[i] != 1 || count.polled[i] > 1;
  CHECK(!wrong, "%d of %d tiles were not done once", wrong, tiles);
  return true;
}

bool run_job(int32_t tiles) {
  char scratch[kScratch];
  return run_job(tiles, scratch);
}

}  // namespace

TEST(every_tile_is_done_once) {
  for (bool helping : {true, false})
    for (int threads : {2, 3, 8}) {
      pool_set_helping(helping);
      pool_set_threads(threads);
      for (int i = 0; i < 2000 / threads; i++)
        CHECK(run_job(1 + i % 70), "no pool for %d threads", threads);
    }
  pool_set_helping(true);
}

TEST(one_thread_needs_no_pool) {
  pool_set_threads(1);
  CHECK(!run_job(3), "a pool of one thread");
}

TEST(each_worker_does_its_share) {
  pool_set_threads(4);
  pool_set_helping(false);
  run_job(8);
  int64_t before[4], total = 0;
  for (int i = 0; i < 4; i++) before[i] = pool_tiles_done(i);
  for (int i = 0; i < 100; i++) run_job(8);
  for (int i = 0; i < 4; i++) {
    int64_t done = pool_tiles_done(i) - before[i];
    CHECK(done == 200, "worker %d did %lld", i, (long long)done);
    total += done;
  }
  CHECK(total == 800, "%lld tiles", (long long)total);
  pool_set_helping(true);
}

TEST(workers_start_and_stop) {
  for (int i = 0; i < (testing::kSlow ? 60 : 300); i++) {
    pool_set_threads(1 + i % 5);
    if (i % 3) CHECK(run_job(16) == (i % 5 > 0), "round %d", i);
  }
}

TEST(sleeping_workers_wake_up) {
  pool_set_threads(3);
  for (int i = 0; i < 20; i++) {
    CHECK(run_job(30), "no pool");
    usleep(3000);  // longer than they spin
  }
}

namespace {

void* use_pool(void*) {
  for (int i = 0; i < 500; i++) run_job(5);
  return nullptr;
}

}  // namespace

TEST(callers_share_the_pool_one_at_a_time) {
  pool_set_threads(3);
  pthread_t other;
  CHECK(!pthread_create(&other, nullptr, use_pool, nullptr), "no thread");
  use_pool(nullptr);
  pthread_join(other, nullptr);
}

TEST(a_busy_pool_is_refused) {
  pool_set_threads(2);
  CHECK(pool_acquire(kScratch), "no pool");
  pthread_t other;
  bool had = true;
  auto ask = [](void* out) -> void* {
    *(bool*)out = pool_acquire(kScratch);
    return nullptr;
  };
  CHECK(!pthread_create(&other, nullptr, ask, &had), "no thread");
  pthread_join(other, nullptr);
  CHECK(!had, "two callers have the pool");
  pool_release();
}

TEST(a_forked_child_has_workers_of_its_own) {
  // Neither of them lets the child of many threads start its own.
  if (testing::kThreadSanitizer || testing::kEmulated) return;
  pool_set_threads(3);
  run_job(30);
  pid_t child = fork();
  if (child == 0) {
    int before = testing::failures();
    bool had = run_job(30) && run_job(7);
    _exit(had && testing::failures() == before ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(status == 0, "the child ended with %d", status);
  CHECK(run_job(30), "the parent lost its pool");
  pool_set_threads(1);
}
