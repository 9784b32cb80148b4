#include "sharing.h"

#include <time.h>

namespace pronghorn {
namespace {

// Groups of a step that are shared, in nanoseconds.
constexpr float kNothing = 1e30f, kLongOnes = 15000, kShortOnes = 1200;
constexpr float kThresholds[kWays] = {kNothing, kLongOnes, kShortOnes};
// Steps so short or so long need no trial.
constexpr float kTooShort = 2500, kLongAnyway = 3e7f;
// Before the first trial.
constexpr float kLikelyShared = 100000;
// A trial: two windows of each way, of some steps; then for a while what was quickest,
// longer each time that the answer is the same.
constexpr float kWindow = 8e6f;
constexpr int kMostSteps = 64, kRounds = 2, kWarmSteps = 2;
constexpr int64_t kFirstHold = 100000000, kLongestHold = 1600000000;

float forced = -1;

int window_steps(float cost) {
  float steps = kWindow / cost;
  return steps < 1 ? 1 : steps > kMostSteps ? kMostSteps : (int)steps;
}

void open_window(Sharing* s) {
  s->way = (s->window - 1) % kWays;
  s->warm = false;
  s->left = kWarmSteps;
}

void start_trial(Sharing* s) {
  for (int64_t& spent : s->spent) spent = 0;
  s->window = 1;
  open_window(s);
}

void decide(Sharing* s) {
  s->window = 0;
  s->way = 0;
  for (int i = 1; i < kWays; i++)
    if (s->spent[i] < s->spent[s->way]) s->way = i;
  bool same = s->way == s->before && s->hold;
  s->hold = !same ? kFirstHold : s->hold < kLongestHold ? 2 * s->hold : s->hold;
  s->next_trial = clock_now() + s->hold;
}

// The clock's turn, in a trial.
void advance(Sharing* s, float cost) {
  int64_t now = clock_now();
  if (!s->warm) {
    s->warm = true;
    s->start = now;
    s->left = window_steps(cost);
    return;
  }
  s->spent[s->way] += now - s->start;
  if (++s->window <= kRounds * kWays) return open_window(s);
  decide(s);
}

// The likely way at first: a trial would make the first epoch longer than the others.
void begin(Sharing* s, float cost) {
  s->way = cost < kLikelyShared ? 0 : 1;
  s->next_trial = clock_now() + kFirstHold;
}

}  // namespace

int64_t clock_now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}

void set_parallel_threshold(float nanoseconds) { forced = nanoseconds; }

float sharing_threshold(Sharing* s, float cost) {
  if (forced >= 0) return forced;
  if (cost < kTooShort) return kNothing;
  if (cost > kLongAnyway) return kLongOnes;
  if (!s->next_trial) begin(s, cost);
  if (s->left-- > 0) return kThresholds[s->way];
  if (s->window) {
    advance(s, cost);
  } else if (clock_now() >= s->next_trial) {
    s->before = s->way;
    start_trial(s);
  } else {
    s->left = window_steps(cost);
  }
  s->left--;
  return kThresholds[s->way];
}

void pause_sharing(Sharing* s) {
  if (s->window && s->warm) s->start -= clock_now();
}

void resume_sharing(Sharing* s) {
  if (s->window && s->warm) s->start += clock_now();
}

}  // namespace pronghorn
