// Many epochs in one call, for trainings that nobody watches.
#pragma once

#include "executor.h"

namespace pronghorn {

// Memory to set, or to read, in every epoch.
struct Span {
  char* at;
  const char* from;  // what it is set to; null where it is read
  int64_t bytes;
};

struct Epochs {
  Executable* training;
  Run* run;
  Executable* validation;  // null: none
  Run* validation_run;
  int32_t* order;  // room for a new order of the rows each epoch; null: as they lie
  uint32_t first;  // number of the first epoch
  int64_t count;
  const Span* resets;  // metrics, before each pass over data
  int64_t n_resets;
  const Span* records;  // metrics, copied to the history after each pass
  int64_t n_records;
  char* history;  // one row per pass
  // Results.
  int64_t done;   // whole epochs
  int64_t steps;  // whole steps of the epoch that ended early
  bool validating;
};

Outcome run_epochs(Epochs* epochs);

}  // namespace pronghorn
