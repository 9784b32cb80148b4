#include "epochs.h"

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

Outcome one_epoch(Epochs* e, int64_t epoch) {
  Run* r = e->run;
  e->validating = false;
  if (e->order) {
    if (!permutation(r->seed, e->first + (uint32_t)epoch, (int32_t)r->last, e->order)) {
      fail(&r->error, "out of memory");
      return RUN_error;
    }
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
  for (int64_t epoch = 0; epoch < e->count; epoch++) {
    Outcome outcome = one_epoch(e, epoch);
    if (outcome != RUN_done) return outcome;
    e->done++;
    e->steps = 0;
  }
  return RUN_done;
}

}  // namespace pronghorn
