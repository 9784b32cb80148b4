// The virtual machine: runs a program's plan over the batches of a data set.
#pragma once

#include <pthread.h>

#include "plan.h"

namespace pronghorn {

struct DataArray {
  const char* rows;
  int64_t count;
  bool narrow;  // bool, one byte an element; else four
};

struct OutputArray {
  char* data;  // null: not wanted
  int64_t elements;
  bool by_row;
};

enum Outcome {
  RUN_done,
  RUN_stopped,
  RUN_interrupted,
  RUN_guarded,
  RUN_fault,
  RUN_error
};

// What a run was asked, and how far it came.
struct Run {
  const DataArray* data;
  const int32_t* order;  // null: rows as they lie
  const OutputArray* outputs;
  int64_t first, last, batch_size;
  uint64_t seed;
  uint32_t step;
  // Asked about every 40 ms by the calling thread; true ends the run.
  bool (*interrupted)(void*);
  void* interrupted_argument;
  int64_t next_look;  // in nanoseconds of the clock
  float pending;      // nanoseconds of work since the clock was read, roughly
  // Results.
  int64_t steps, rows_from;  // whole steps; first position of the step that failed
  Fault fault;
  bool signalled;
  Error error;
};

// What a profiled instruction has cost so far.
struct Spent {
  int64_t nanoseconds, times;
  double flops, bytes;
};

constexpr int kPlans = 4;

struct Executable {
  Program program;
  const Kernels* kernels;
  char* arena;
  char* shared;
  char* scratch;
  int64_t shared_bytes, scratch_bytes;
  void** pointers;  // of each value
  Plan plans[kPlans];
  int32_t next_plan;
  int32_t stop;  // the flag that kernels look at
  Spent* spent;  // of each input's assembly and each instruction; null: not profiled
  pthread_mutex_t lock;
};

bool open_executable(const void* bytes, int64_t size, const Kernels* kernels,
                     Executable* e, Error* error);
void close_executable(Executable* e);

// The memory of a state, an input or an output; sizes are the caller's to check.
int64_t value_elements(const Executable& e, int32_t value, int64_t rows);
void bind_state(Executable* e, int32_t state, void* memory);

// Runs all steps, or as many as it may before the stop flag is set, which the caller
// clears before. The lock must be held.
Outcome run(Executable* e, Run* run);

// From now on times each instruction alone, from zero, or no more. The lock must be
// held.
bool set_profiled(Executable* e, bool on);

// The order of an epoch's rows: rng.permutation.
bool permutation(uint64_t seed, uint32_t epoch, int32_t n, int32_t* out);
// The same in room that the caller has, of so many bytes.
void permutation(uint64_t seed, uint32_t epoch, int32_t n, int32_t* out, void* room);
size_t permutation_bytes(int32_t n);

}  // namespace pronghorn
