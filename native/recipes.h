// Frequent chains, known when the engine is compiled: a chain whose operations are
// those of a recipe runs as one loop that keeps everything in registers. What a chain
// is for does not matter, only what it computes; any other is interpreted, with the
// same bits.
#pragma once

#include "kernels/kernels.h"

namespace pronghorn {

struct RecipeOp {
  int16_t micro, to, a, b, c;
};

// recipes.def names for each the number of its registers, which loads are the same for
// all elements, the operations, and the registers that are stored.
#define PH_LIST(...) {__VA_ARGS__}
#define PH_RECIPE(name, n_registers, constant_loads, operations, stored) \
  struct Recipe_##name {                                                 \
    static constexpr int registers = n_registers;                        \
    static constexpr int8_t loads[] = PH_LIST constant_loads;            \
    static constexpr RecipeOp ops[] = PH_LIST operations;                \
    static constexpr int16_t stores[] = PH_LIST stored;                  \
  };
#include "recipes.def"
#undef PH_RECIPE

// The recipe of a chain, or -1.
int32_t find_recipe(const ChainPlan& chain);

// A test hook: from now on chains are interpreted, or no more.
void set_recipes(bool used);

}  // namespace pronghorn
