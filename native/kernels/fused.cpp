// The loops of the recipes: what the interpreter does with tiles, done with registers.
#include "../recipes.h"
#include "../rng.h"
#include "formulas.h"
#include "kernels_of_isa.h"

namespace pronghorn {
namespace PRONGHORN_ISA_NAME {
namespace {

#define PH_INLINE static inline __attribute__((always_inline))

// A value of its own: compilers must not round a product and a sum as one, so that the
// interpreter's bits come out.
PH_INLINE void settle(vf* x) {
#if defined(__AVX512F__)
  asm("" : "+v"(*x));
#elif defined(__x86_64__)
  asm("" : "+x"(*x));
#elif defined(__aarch64__)
  asm("" : "+w"(*x));
#endif
}

struct Place {  // in the domain
  const RngKeys* keys;
  vu element;
};

template <class R, int I>
PH_INLINE void operate(vf* r, const Place& at, int draws) {
  if constexpr (I < sizeof R::ops / sizeof *R::ops) {
    constexpr RecipeOp o = R::ops[I];
    if constexpr (o.micro == MICRO_uniform) {
      r[o.to] = uniform_v(at.keys[draws++], at.element);
    } else {
      r[o.to] =
          Formula<o.micro>::of(r[o.a], r[o.b < 0 ? o.a : o.b], r[o.c < 0 ? o.a : o.c]);
      settle(&r[o.to]);
    }
    operate<R, I + 1>(r, at, draws);
  }
}

template <class R>
void run(const ChainPlan& plan, float* const* registers, const RngKeys* keys,
         int64_t start, int64_t n) {
  constexpr int kLoads = sizeof R::loads, kStores = sizeof R::stores / 2;
  vf r[R::registers], constant[kLoads];
  float *from[kLoads], *to[kStores];
#pragma GCC unroll 64
  for (int j = 0; j < kLoads; j++) {
    from[j] = registers[j];
    constant[j] = R::loads[j] ? splat_bits(from[j]) : vf{};
  }
#pragma GCC unroll 64
  for (int j = 0; j < kStores; j++) to[j] = registers[R::stores[j]];
  Place place = {keys, (vu)lane_numbers() + (uint32_t)start};
  for (int64_t i = 0; i < n; i += kLanes, place.element += (uint32_t)kLanes) {
    bool part = kPartial && n - i < kLanes;
#pragma GCC unroll 64
    for (int j = 0; j < kLoads; j++) {
      if (R::loads[j])
        r[j] = constant[j];
      else
        r[j] = part ? load_part(from[j] + i, n - i) : load(from[j] + i);
    }
    operate<R, 0>(r, place, 0);
#pragma GCC unroll 64
    for (int j = 0; j < kStores; j++) {
      // What is written whole can be read again at once.
      if (part && !plan.stores[j].padded)
        store_part(to[j] + i, r[R::stores[j]], n - i);
      else
        store(to[j] + i, r[R::stores[j]]);
    }
  }
}

typedef void (*Recipe)(const ChainPlan&, float* const*, const RngKeys*, int64_t,
                       int64_t);

const Recipe kRecipes[] = {
#define PH_RECIPE(name, ...) run<Recipe_##name>,
#include "../recipes.def"
#undef PH_RECIPE
};

}  // namespace

void fused(const ChainPlan& plan, float* const* registers, const RngKeys* keys,
           int64_t start, int64_t n) {
  kRecipes[plan.recipe](plan, registers, keys, start, n);
}

}  // namespace PRONGHORN_ISA_NAME
}  // namespace pronghorn
