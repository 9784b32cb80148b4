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

constexpr int kSpins = 4000;   // about 50 us, then sleep: the machine is not ours alone
constexpr int kPatience = 40;  // before helping others

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

// A job is announced in one word, its number above its count of tiles, so that both are
// read together; what it does stands beside it, in the same line of memory.
struct alignas(64) Board {
  uint64_t job;
  TileFunction tile;
  void* argument;
  uint32_t helping;
  uint32_t sleepers;
  uint32_t quit;
  uint32_t caller_sleeps;
  uint32_t calls;  // raised to wake the caller
};

struct Worker {
  // The number of the last job of which a tile of this worker's share was taken, and
  // the next tile: who raises it owns the tile. A share nobody has begun still shows an
  // older job, so nothing needs to be reset between jobs; a late worker sees a younger
  // one and takes nothing.
  alignas(64) uint64_t ticket;
  // The number of the last job that this worker has done tiles of, and how many.
  alignas(64) uint64_t done;
  int64_t tiles_done;  // ever
  char* scratch;
  size_t scratch_bytes;
  pthread_t thread;
};

struct Pool {
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  int threads = 0;  // 0: not decided yet
  int started = 0;  // workers that run, besides the caller
  bool helping = true;
  Board board = {};
  Worker workers[kMaxThreads] = {};
};

Pool pool;

uint32_t share_start(uint32_t tiles, int worker, int threads) {
  return (uint32_t)((uint64_t)tiles * worker / threads);
}

template <class T>
T get(const T* p) {
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
template <class T>
void set(T* p, T value) {
  __atomic_store_n(p, value, __ATOMIC_RELEASE);
}
uint32_t number_of(uint64_t word) { return (uint32_t)(word >> 32); }

// The number of the job that the workers look for; they sleep on this half of the word.
uint32_t* number_word() {
  return (uint32_t*)&pool.board.job + (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
}

// The next tile of a worker's share of a job, or -1.
int64_t take(Worker* owner, uint32_t number, uint32_t start, uint32_t end) {
  if (start == end) return -1;
  uint64_t ticket = get(&owner->ticket);
  for (;;) {
    int32_t age = (int32_t)(number_of(ticket) - number);
    uint32_t next = age < 0 ? start : (uint32_t)ticket;
    if (age > 0 || next >= end) return -1;
    if (__atomic_compare_exchange_n(&owner->ticket, &ticket,
                                    (uint64_t)number << 32 | (next + 1), false,
                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      return next;
  }
}

// The tiles of one worker's share that are not taken yet.
uint32_t do_share(int owner, uint64_t job, int threads, PollFunction poll,
                  char* scratch) {
  uint32_t tiles = (uint32_t)job, count = 0;
  uint32_t start = share_start(tiles, owner, threads),
           end = share_start(tiles, owner + 1, threads);
  for (int64_t t; (t = take(&pool.workers[owner], number_of(job), start, end)) >= 0;
       count++) {
    get (&pool.board.tile)(get(&pool.board.argument), (int32_t)t, scratch);
    if (poll) poll(get(&pool.board.argument), (int32_t)t);
  }
  return count;
}

void wake_sleepers() {
  if (__atomic_load_n(&pool.board.sleepers, __ATOMIC_SEQ_CST))
    wake(number_word(), kMaxThreads);
}

// Says how many tiles of the job this worker has done so far.
void report(int self, uint64_t job, uint32_t count, uint32_t more) {
  Worker& w = pool.workers[self];
  set(&w.tiles_done, w.tiles_done + more);
  uint64_t word = (job >> 32 << 32) | count;
  if (!self) return set(&w.done, word);
  __atomic_store_n(&w.done, word, __ATOMIC_SEQ_CST);
  if (!__atomic_load_n(&pool.board.caller_sleeps, __ATOMIC_SEQ_CST)) return;
  __atomic_fetch_add(&pool.board.calls, 1, __ATOMIC_SEQ_CST);
  wake(&pool.board.calls, 1);
}

// Whether all tiles are done: every worker has said how many were its.
bool complete(uint64_t job, int threads) {
  uint32_t sum = 0;
  for (int i = 0; i < threads; i++) {
    // In one order with the caller's word that it sleeps; see `report`.
    uint64_t done = __atomic_load_n(&pool.workers[i].done, __ATOMIC_SEQ_CST);
    if (number_of(done) == number_of(job)) sum += (uint32_t)done;
  }
  return sum == (uint32_t)job;
}

// Waits a moment for the others to finish by themselves: looking at a share takes its
// line of memory away from its owner.
bool finishes_soon(uint64_t job, int threads) {
  for (int spin = 0; spin < kPatience; spin++) {
    if (complete(job, threads) || get(&pool.board.job) != job) return true;
    cpu_pause();
  }
  return false;
}

void work(int self, uint64_t job, int threads, PollFunction poll, char* scratch) {
  bool helping = get(&pool.board.helping);
  // For tests, shares go round: jobs of few tiles reach all workers in time.
  uint32_t first = self + (helping ? 0 : number_of(job));
  uint32_t count = do_share((int)(first % threads), job, threads, poll, scratch);
  if (count) report(self, job, count, count);
  if (!helping || finishes_soon(job, threads)) return;
  for (int i = 1; i < threads; i++) {
    int owner = (int)((first + i) % threads);
    uint32_t more = do_share(owner, job, threads, poll, scratch);
    count += more;
    if (more) report(self, job, count, more);
  }
}

void* worker_main(void* argument) {
  int self = (int)(intptr_t)argument;
  set_flush_to_zero();
  uint32_t seen = 0;
  for (;;) {
    uint64_t job = get(&pool.board.job);
    for (int spin = 0; number_of(job) == seen && spin < kSpins; spin++) {
      cpu_pause();
      job = get(&pool.board.job);
    }
    if (number_of(job) == seen) {
      __atomic_fetch_add(&pool.board.sleepers, 1, __ATOMIC_SEQ_CST);
      while (number_of(job = __atomic_load_n(&pool.board.job, __ATOMIC_SEQ_CST)) ==
             seen)
        sleep_while(number_word(), seen);
      __atomic_fetch_sub(&pool.board.sleepers, 1, __ATOMIC_SEQ_CST);
    }
    seen = number_of(job);
    if (get(&pool.board.quit)) return nullptr;
    // A worker that comes too late for the job may read what is being replaced, and
    // gets no tile to use it for.
    work(self, job, pool.threads, nullptr, get(&pool.workers[self].scratch));
  }
}

// Without a fence after it: a worker that goes to sleep just now may be missed here,
// and is found by who waits for it.
uint64_t announce(uint32_t tiles) {
  uint64_t job = (uint64_t)(number_of(pool.board.job) + 1) << 32 | tiles;
  set(&pool.board.job, job);
  wake_sleepers();
  return job;
}

void reset() {
  pool.board = Board{};
  for (Worker& w : pool.workers) w.ticket = w.done = 0;
  pool.started = 0;
}

void stop_workers() {
  if (!pool.started) return;
  set(&pool.board.quit, 1u);
  announce(0);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  wake_sleepers();
  for (int i = 1; i <= pool.started; i++) pthread_join(pool.workers[i].thread, nullptr);
  reset();
}

// A child process has no workers, whatever the parent had.
void after_fork() {
  pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
  pool.lock = fresh;
  reset();
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
    void* room = nullptr;
    free(w.scratch);
    w.scratch_bytes = 0;
    int failed = posix_memalign(&room, 64, bytes);
    set(&w.scratch, failed ? nullptr : (char*)room);
    if (failed) return false;
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

void pool_run(int32_t tiles, TileFunction tile, PollFunction poll, void* argument,
              char* scratch) {
  Board& board = pool.board;
  set(&board.tile, tile);
  set(&board.argument, argument);
  set(&board.helping, (uint32_t)pool.helping);
  uint64_t job = announce((uint32_t)tiles);
  work(0, job, pool.threads, poll, scratch);
  for (int spin = 0; !complete(job, pool.threads); spin++) {
    if (spin % 64 == 0) wake_sleepers();
    if (spin < kSpins) {
      cpu_pause();
      continue;
    }
    __atomic_store_n(&board.caller_sleeps, 1, __ATOMIC_SEQ_CST);
    uint32_t calls = __atomic_load_n(&board.calls, __ATOMIC_SEQ_CST);
    if (!complete(job, pool.threads)) sleep_while(&board.calls, calls);
    set(&board.caller_sleeps, 0u);
  }
}

}  // namespace pronghorn
