// The functions of one instruction set; kernels.cpp puts them into its table.
#pragma once

#include "../numbers.h"
#include "../rng.h"
#include "kernels.h"
#include "vec.h"

namespace pronghorn {
namespace PRONGHORN_ISA_NAME {

#if PH_LANES == 16
constexpr int kGemmRows = 12;
constexpr int kGemmVectors = 3;
constexpr int kGemmStrip = 8;
constexpr int kChainTile = 1024;
#else
constexpr int kGemmRows = 6;
constexpr int kGemmVectors = 2;
constexpr int kGemmStrip = 6;
constexpr int kChainTile = 512;
#endif
constexpr int kGemmDepth = 256;

size_t gemm_scratch(const GemmPlan& plan);
void gemm_pack(const GemmPlan& plan, const StepContext& step, int64_t tile);
void gemm(const GemmPlan& plan, const StepContext& step, const GemmTile& tile,
          char* scratch);
void gemm_add(const GemmPlan& plan, const StepContext& step, int64_t first,
              int64_t last);
void chain(const ChainPlan& plan, const StepContext& step, int64_t first, int64_t last,
           char* scratch);
// A recipe's chain over `n` elements from `start`; the registers of loads and stores
// are where their elements are. Where vectors can be partial, a last one is, in all
// that is not padded; else there must be room for it.
void fused(const ChainPlan& plan, float* const* registers, const RngKeys* keys,
           int64_t start, int64_t n);
void reduce(const ReducePlan& plan, const StepContext& step, const ReduceTile& tile);
void reduce_combine(const ReducePlan& plan, const StepContext& step, int64_t outer);
void copy(const CopyPlan& plan, const StepContext& step, int64_t first, int64_t last);
void gather(const GatherPlan& plan, const StepContext& step, int64_t first,
            int64_t last);
void scatter(const GatherPlan& plan, const StepContext& step, int64_t tile);

// The sum of a vector's lanes, halves added to halves.
static inline float add_lanes(vf x) {
  typedef float v4 __attribute__((vector_size(16), aligned(4), may_alias));
  float lane[kLanes];
  store(lane, x);
  v4 part[kLanes / 4];
  memcpy(part, lane, sizeof part);
  for (int half = kLanes / 8; half; half /= 2)
    for (int i = 0; i < half; i++) part[i] += part[i + half];
  return (part[0][0] + part[0][2]) + (part[0][1] + part[0][3]);
}

}  // namespace PRONGHORN_ISA_NAME
}  // namespace pronghorn
