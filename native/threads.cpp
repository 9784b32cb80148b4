#include "threads.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpu.h"

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#else
#include <time.h>
#endif

namespace pronghorn {
namespace {

constexpr int kSpins = 4000;  // about 50 us, then sleep: the machine is not ours alone

#if defined(__linux__)
void sleep_while(uint32_t* word, uint32_t value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}
void wake(uint32_t* word, int count) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}
#else
void sleep_while(uint32_t*, uint32_t) {
  timespec pause = {0, 50000};
  nanosleep(&pause, nullptr);
}
void wake(uint32_t*, int) {}
#endif

struct Job {
  TileFunction tile;
  void* argument;
  uint32_t tiles;
  uint32_t helping;
};

struct alignas(64) Worker {
  // The number of the job and the next tile of this worker's share, in one word: who
  // raises it owns the tile, and a late worker cannot take a tile of another job.
  uint64_t ticket;
  int64_t tiles_done;
  char* scratch;
  size_t scratch_bytes;
  pthread_t thread;
};

struct Pool {
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  int threads = 0;  // 0: not decided yet
  int started = 0;  // workers that run, besides the caller
  bool helping = true;
  alignas(64) uint32_t generation = 0;  // number of the job
  uint32_t sleepers = 0;
  uint32_t quit = 0;
  alignas(64) uint32_t done = 0;  // tiles
  uint32_t caller_sleeps = 0;
  alignas(64) Job job = {};
  Worker workers[kMaxThreads] = {};
};

Pool pool;

uint32_t share_start(uint32_t tiles, int worker, int threads) {
  return (uint32_t)((uint64_t)tiles * worker / threads);
}

template <class T>
T get(const T* p) {
  return __atomic_load_n(p, __ATOMIC_SEQ_CST);
}
template <class T>
void set(T* p, T value) {
  __atomic_store_n(p, value, __ATOMIC_SEQ_CST);
}

// The next tile of a worker's share, or -1.
int64_t take(Worker* owner, uint32_t generation, uint32_t end) {
  uint64_t ticket = get(&owner->ticket);
  while ((uint32_t)(ticket >> 32) == generation && (uint32_t)ticket < end)
    if (__atomic_compare_exchange_n(&owner->ticket, &ticket, ticket + 1, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
      return (uint32_t)ticket;
  return -1;
}

void work(int self, uint32_t generation, int threads, PollFunction poll,
          char* scratch) {
  Job job = {get(&pool.job.tile), get(&pool.job.argument), get(&pool.job.tiles),
             get(&pool.job.helping)};
  uint32_t count = 0;
  // For tests, shares go round: jobs of few tiles reach all workers in time.
  uint32_t first = self + (job.helping ? 0 : generation);
  for (int i = 0; i < (job.helping ? threads : 1); i++) {
    int owner = (int)((first + i) % threads);
    uint32_t end = share_start(job.tiles, owner + 1, threads);
    for (int64_t t; (t = take(&pool.workers[owner], generation, end)) >= 0; count++) {
      job.tile(job.argument, (int32_t)t, scratch);
      if (poll) poll(job.argument, (int32_t)t);
    }
  }
  if (!count) return;
  set(&pool.workers[self].tiles_done, pool.workers[self].tiles_done + count);
  uint32_t done = __atomic_add_fetch(&pool.done, count, __ATOMIC_SEQ_CST);
  if (self && done == job.tiles && get(&pool.caller_sleeps)) wake(&pool.done, 1);
}

void* worker_main(void* argument) {
  int self = (int)(intptr_t)argument;
  set_flush_to_zero();
  uint32_t seen = 0;
  for (;;) {
    uint32_t generation = get(&pool.generation);
    for (int spin = 0; generation == seen && spin < kSpins; spin++) {
      cpu_pause();
      generation = get(&pool.generation);
    }
    if (generation == seen) {
      __atomic_fetch_add(&pool.sleepers, 1, __ATOMIC_SEQ_CST);
      while ((generation = get(&pool.generation)) == seen)
        sleep_while(&pool.generation, seen);
      __atomic_fetch_sub(&pool.sleepers, 1, __ATOMIC_SEQ_CST);
    }
    seen = generation;
    if (get(&pool.quit)) return nullptr;
    work(self, generation, pool.threads, nullptr, pool.workers[self].scratch);
  }
}

void announce(uint32_t generation) {
  set(&pool.generation, generation);
  if (get(&pool.sleepers)) wake(&pool.generation, kMaxThreads);
}

void stop_workers() {
  if (!pool.started) return;
  set(&pool.quit, 1u);
  announce(pool.generation + 1);
  for (int i = 1; i <= pool.started; i++) pthread_join(pool.workers[i].thread, nullptr);
  set(&pool.quit, 0u);
  set(&pool.generation, 0u);
  pool.started = 0;
}

// A child process has no workers, whatever the parent had.
void after_fork() {
  pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
  pool.lock = fresh;
  pool.started = 0;
  pool.generation = pool.sleepers = pool.quit = 0;
}

void start_workers() {
  static bool registered = false;
  if (!registered) pthread_atfork(nullptr, nullptr, after_fork);
  registered = true;
  sigset_t all, old;  // signals are for the threads that know them
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  while (pool.started < pool.threads - 1) {
    int next = pool.started + 1;
    pool.workers[next].ticket = 0;
    if (pthread_create(&pool.workers[next].thread, nullptr, worker_main,
                       (void*)(intptr_t)next))
      break;
    pool.started = next;
  }
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

bool reserve(size_t bytes) {
  for (int i = 1; i < pool.threads; i++) {
    Worker& w = pool.workers[i];
    if (w.scratch_bytes >= bytes) continue;
    free(w.scratch);
    w.scratch_bytes = 0;
    if (posix_memalign((void**)&w.scratch, 64, bytes)) {
      w.scratch = nullptr;
      return false;
    }
    w.scratch_bytes = bytes;
  }
  return true;
}

#if defined(__linux__)
// The processors that a container may use: "200000 100000" is two of them.
int container_limit() {
  FILE* file = fopen("/sys/fs/cgroup/cpu.max", "r");
  long quota = 0, period = 0;
  int read = file ? fscanf(file, "%ld %ld", &quota, &period) : 0;
  if (file) fclose(file);
  if (read != 2 || quota < 1 || period < 1) return kMaxThreads;  // "max": no limit
  return (int)((quota + period - 1) / period);
}
#endif

int positive(const char* text) {
  int n = text ? atoi(text) : 0;
  return n > kMaxThreads ? kMaxThreads : n > 0 ? n : 0;
}

}  // namespace

int default_threads() {
  int n = positive(getenv("PRONGHORN_NUM_THREADS"));
  if (!n) n = positive(getenv("OMP_NUM_THREADS"));
#if defined(__linux__)
  cpu_set_t cpus;
  if (!n && sched_getaffinity(0, sizeof cpus, &cpus) == 0) {
    int limit = container_limit();
    n = CPU_COUNT(&cpus) < limit ? CPU_COUNT(&cpus) : limit;
  }
#endif
  if (!n) n = (int)sysconf(_SC_NPROCESSORS_ONLN);
  return n < 1 ? 1 : n > kMaxThreads ? kMaxThreads : n;
}

int pool_threads() {
  if (!pool.threads) pool.threads = default_threads();
  return pool.threads;
}

void pool_set_threads(int threads) {
  pthread_mutex_lock(&pool.lock);
  stop_workers();
  pool.threads = threads < 1 ? 1 : threads > kMaxThreads ? kMaxThreads : threads;
  pthread_mutex_unlock(&pool.lock);
}

void pool_set_helping(bool helping) { pool.helping = helping; }

int64_t pool_tiles_done(int worker) { return get(&pool.workers[worker].tiles_done); }

bool pool_acquire(size_t scratch_bytes) {
  if (pool_threads() == 1 || pthread_mutex_trylock(&pool.lock)) return false;
  if (pool.started < pool.threads - 1) start_workers();
  if (pool.started == pool.threads - 1 && reserve(scratch_bytes)) return true;
  pthread_mutex_unlock(&pool.lock);
  return false;
}

void pool_release() { pthread_mutex_unlock(&pool.lock); }

void pool_run(int32_t tiles, TileFunction tile, PollFunction poll, void* job,
              char* scratch) {
  uint32_t generation = pool.generation + 1;
  // First no ticket is valid, then the job changes, then the new tickets: a worker that
  // is still about to look at the job before finds nothing to take.
  for (int i = 0; i < pool.threads; i++)
    set(&pool.workers[i].ticket, (uint64_t)generation << 32 | UINT32_MAX);
  set(&pool.job.tile, tile);
  set(&pool.job.argument, job);
  set(&pool.job.tiles, (uint32_t)tiles);
  set(&pool.job.helping, (uint32_t)pool.helping);
  set(&pool.done, 0u);
  for (int i = 0; i < pool.threads; i++)
    set(&pool.workers[i].ticket,
        (uint64_t)generation << 32 | share_start(tiles, i, pool.threads));
  announce(generation);
  work(0, generation, pool.threads, poll, scratch);
  for (int spin = 0; get(&pool.done) != (uint32_t)tiles && spin < kSpins; spin++)
    cpu_pause();
  set(&pool.caller_sleeps, 1u);
  for (uint32_t done; (done = get(&pool.done)) != (uint32_t)tiles;)
    sleep_while(&pool.done, done);
  set(&pool.caller_sleeps, 0u);
}

}  // namespace pronghorn
