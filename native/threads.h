// The pool: one per process, the calling thread is worker 0.
//
// A job is a number of tiles. Each worker owns a contiguous share of them, so data stay
// in its cache from job to job, and helps the others when its own is done: a worker
// that the system has put to sleep delays nobody. What a tile computes never depends on
// the worker that does it.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace pronghorn {

constexpr int kMaxThreads = 256;

// Does one tile, with the worker's own scratch memory.
typedef void (*TileFunction)(void* job, int32_t tile, char* scratch);
// Called by the calling thread between its tiles.
typedef void (*PollFunction)(void* job, int32_t tile);

int default_threads();
int pool_threads();
// Stops the workers; new ones start when the pool is taken next.
void pool_set_threads(int threads);
// A test hook: without helping, every worker does one share of a job, in turn.
void pool_set_helping(bool helping);
// A test hook: how many tiles each worker has done.
int64_t pool_tiles_done(int worker);

// Takes the pool for the calling thread; false if another one has it. `scratch_bytes`
// is what each worker needs. Also false if there is one thread only, or no memory.
bool pool_acquire(size_t scratch_bytes);
void pool_release();
// Does all tiles of a job; only between acquire and release.
void pool_run(int32_t tiles, TileFunction tile, PollFunction poll, void* job,
              char* scratch);

}  // namespace pronghorn
