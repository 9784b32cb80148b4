#include "recipes.h"

namespace pronghorn {
namespace {

bool used = true;

struct Shape {
  int32_t registers, n_loads, n_ops, n_stores;
  const int8_t* loads;
  const RecipeOp* ops;
  const int16_t* stores;
};

template <class T, int N>
constexpr int length(const T (&)[N]) {
  return N;
}

const Shape kShapes[] = {
#define PH_RECIPE(name, ...)                                  \
  {Recipe_##name::registers,   length(Recipe_##name::loads),  \
   length(Recipe_##name::ops), length(Recipe_##name::stores), \
   Recipe_##name::loads,       Recipe_##name::ops,            \
   Recipe_##name::stores},
#include "recipes.def"
#undef PH_RECIPE
};

bool same(const ChainOp& x, const RecipeOp& y) {
  if (x.micro != y.micro || x.to != y.to) return false;
  // What a draw's operands say is its stream.
  return x.micro == MICRO_uniform || (x.a == y.a && x.b == y.b && x.c == y.c);
}

bool matches(const ChainPlan& c, const Shape& s) {
  if (c.n_registers != s.registers || c.n_loads != s.n_loads || c.n_ops != s.n_ops ||
      c.n_stores != s.n_stores)
    return false;
  for (int i = 0; i < s.n_loads; i++)
    if (constant_load(c.loads[i]) != (bool)s.loads[i]) return false;
  for (int i = 0; i < s.n_ops; i++)
    if (!same(c.ops[i], s.ops[i])) return false;
  for (int i = 0; i < s.n_stores; i++)
    if (c.stores[i].reg != s.stores[i]) return false;
  return true;
}

}  // namespace

int32_t find_recipe(const ChainPlan& chain) {
  int32_t n = used ? length(kShapes) : 0;
  for (int32_t i = 0; i < n; i++)
    if (matches(chain, kShapes[i])) return i;
  return -1;
}

void set_recipes(bool on) { used = on; }

}  // namespace pronghorn
