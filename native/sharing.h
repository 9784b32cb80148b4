// Whether the threads share a step's work, found out by trying: what pays depends on
// the machine, on what else runs on it, and on how much the threads must tell each
// other.
#pragma once

#include <stdint.h>

namespace pronghorn {

constexpr int kWays = 3;

// What is known about the steps of one plan; zero at first.
struct Sharing {
  int32_t way;     // in use: alone, sharing what is long, sharing what is short too
  int32_t before;  // the way before a trial
  int32_t left;    // steps until the clock is read
  int32_t window;  // of a trial, counted from 1; 0: no trial
  bool warm;       // the first steps of a window are not counted
  int64_t start;   // of the window
  int64_t spent[kWays];
  int64_t next_trial, hold;  // when, and how long after the last one
};

// From how many nanoseconds on a group of the next step is shared. `cost`: of the step.
float sharing_threshold(Sharing* sharing, float cost);
// The steps of a run end here, or begin: the time between two runs does not count.
void pause_sharing(Sharing* sharing);
void resume_sharing(Sharing* sharing);

// A test hook: from now on this threshold, without trials; negative: trials again.
void set_parallel_threshold(float nanoseconds);

int64_t clock_now();  // nanoseconds

}  // namespace pronghorn
