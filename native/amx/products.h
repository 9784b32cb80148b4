// The table of processors that have a tile unit: AVX-512's kernels, and products of our
// own where they are large.
#pragma once

#include "../kernels/kernels.h"

namespace pronghorn {
namespace amx {

const Kernels* kernels();

}  // namespace amx
}  // namespace pronghorn
