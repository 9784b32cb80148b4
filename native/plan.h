// A plan: a program for one number of rows, every size worked out and checked, cut into
// tiles, and grouped into what may run side by side.
#pragma once

#include "kernels/kernels.h"

namespace pronghorn {

constexpr int kStages = 2;  // gemm: pack, multiply; reduce: partial results, the rest

struct Step {
  int32_t op;
  int64_t tiles[kStages];
  float cost[kStages];  // nanoseconds per tile, roughly
  union {
    ChainPlan chain;
    GemmPlan gemm;
    ReducePlan reduce;
    CopyPlan copy;
    GatherPlan gather;
  };
};

// Consecutive steps of which none reads or writes what another writes.
struct Group {
  int32_t first, last;
  int64_t tiles[kStages];
  float cost[kStages];  // of all tiles
};

struct Plan {
  int64_t rows;
  Step* steps;
  Group* groups;
  int32_t n_groups, n_first_phase;  // groups before which a step may be interrupted
  int64_t shared_bytes;             // scratch of the widest group
  int64_t scratch_bytes;            // of each worker
  void* memory;                     // of all of this
};

// Makes the plan, or says what is wrong with the program.
bool make_plan(const Program& program, const Kernels& kernels, int64_t rows, Plan* plan,
               Error* error);
void free_plan(Plan* plan);

}  // namespace pronghorn
