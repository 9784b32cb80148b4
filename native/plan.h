// A plan: a program for one number of rows, every size worked out and checked, cut into
// tiles, and grouped into what may run side by side.
#pragma once

#include "kernels/kernels.h"
#include "sharing.h"

namespace pronghorn {

// gemm: pack, multiply; or parts of K, their sum. reduce: partial results, the rest.
constexpr int kStages = 2;
constexpr int64_t kAddedAtOnce = 4096;  // elements of products that are cut along K
constexpr int32_t STEP_assemble = kInstructions;  // rows of the data become an input

// Picks the rows of a batch where the order finds them.
struct AssemblePlan {
  int32_t input, value;
  int64_t width;  // elements of a row
};

struct Step {
  int32_t op;  // an instruction, or STEP_assemble
  // Whether it can be done for some rows of the batch alone: what it writes for a row,
  // it computes from the same row of what depends on the rows. Then elements, matrix
  // rows or what else it counts are `per_row` for each row of the batch.
  int64_t per_row;  // 0: it cannot
  int64_t tiles[kStages];
  float cost[kStages];  // nanoseconds per tile, roughly
  bool whole;           // short: one thread does all of it at once
  double flops, bytes;  // of the whole step: arithmetic, and memory touched once
  union {
    ChainPlan chain;
    GemmPlan gemm;
    ReducePlan reduce;
    CopyPlan copy;
    GatherPlan gather;
    AssemblePlan assemble;
  };
};

// Consecutive steps of which none reads or writes what another writes; or, if `block`
// is not 0, steps that are done one after the other for one block of rows and then for
// the next. The second stage then counts blocks.
struct Group {
  int32_t first, last;
  int64_t tiles[kStages];
  float cost[kStages];  // of all tiles
  int64_t block;        // rows, where threads share the work
  int64_t block_alone;  // rows, where one thread does all of it
};

struct Plan {
  int64_t rows;
  int32_t threads;  // that it is cut for
  Step* steps;      // the inputs' assembly, then the instructions
  Group* groups;
  int32_t n_groups, n_first_phase;  // groups before which a step may be interrupted
  int64_t shared_bytes;             // scratch of the widest group
  int64_t scratch_bytes;            // of each worker
  float cost;                       // nanoseconds of a step, roughly
  Sharing sharing;
  void* memory;  // of all of this
};

// Makes the plan, or says what is wrong with the program.
bool make_plan(const Program& program, const Kernels& kernels, int64_t rows, Plan* plan,
               Error* error);
void free_plan(Plan* plan);

// Which steps run side by side, or row by row; see `Group`.
void make_groups(const Program& program, const Kernels& kernels, Plan* plan);

}  // namespace pronghorn
