// The table of one instruction set.
#include "kernels_of_isa.h"

#define PH_TEXT_OF(x) #x
#define PH_TEXT(x) PH_TEXT_OF(x)

namespace pronghorn {
namespace PRONGHORN_ISA_NAME {

extern const Kernels kernels;
const Kernels kernels = {
    PH_TEXT(PRONGHORN_ISA_NAME),
    kLanes,
    kPartial,
    kChainTile,
    {kGemmRows, kGemmVectors * kLanes, kGemmStrip, 0, 0},
    gemm_scratch,
    chain,
    gemm_pack,
    gemm,
    gemm_add,
    reduce,
    reduce_combine,
    copy,
    gather,
    scatter,
};

}  // namespace PRONGHORN_ISA_NAME
}  // namespace pronghorn
