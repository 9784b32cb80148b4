#include "epochs.h"

#include <stdlib.h>
#include <string.h>

namespace pronghorn {
namespace {

void reset(const Epochs& e) {
  for (int64_t i = 0; i < e.n_resets; i++)
    memcpy(e.resets[i].at, e.resets[i].from, e.resets[i].bytes);
}

void record(Epochs* e) {
  for (int64_t i = 0; i < e->n_records; i++) {
    memcpy(e->history, e->records[i].at, e->records[i].bytes);
    e->history += e->records[i].bytes;
  }
}

// One pass over data, from fresh metrics to a row of the history.
Outcome pass(Epochs* e, Executable* executable, Run* run_) {
  reset(*e);
  run_->steps = 0;
  Outcome outcome = run(executable, run_);
  if (outcome == RUN_done) record(e);
  return outcome;
}

Outcome one_epoch(Epochs* e, int64_t epoch, void* room) {
  Run* r = e->run;
  e->validating = false;
  if (room) {
    uint32_t number = e->first + (uint32_t)epoch;
    permutation(r->seed, number, (int32_t)r->last, e->order, room);
    r->order = e->order;
  }
  Outcome outcome = pass(e, e->training, r);
  r->step += (uint32_t)r->steps;
  e->steps = r->steps;
  if (outcome != RUN_done || !e->validation) return outcome;
  e->validating = true;
  return pass(e, e->validation, e->validation_run);
}

}  // namespace

Outcome run_epochs(Epochs* e) {
  // All that the epochs allocate: each step and each order finds its room.
  void* room = e->order ? malloc(permutation_bytes((int32_t)e->run->last)) : nullptr;
  if (e->order && !room) {
    fail(&e->run->error, "out of memory");
    return RUN_error;
  }
  Outcome outcome = RUN_done;
  for (int64_t epoch = 0; epoch < e->count; epoch++) {
    outcome = one_epoch(e, epoch, room);
    if (outcome != RUN_done) break;
    e->done++;
    e->steps = 0;
  }
  free(room);
  return outcome;
}

}  // namespace pronghorn
