// Tests without a framework: a list of functions, and checks that count.
#pragma once

#include <stdint.h>
#include <stdio.h>

namespace testing {

struct Test {
  const char* name;
  void (*body)();
  Test* next;
  Test(const char* name, void (*body)());
};

// Counts a failed check and says where; the test goes on.
void failed(const char* file, int line, const char* format, ...)
    __attribute__((format(printf, 3, 4)));
// How many checks have failed since the start; for tests of the checks themselves.
int failures();
void forgive(int count);

// Where the tests run: under a sanitizer or an emulator, time and memory cost more.
#if defined(PRONGHORN_EMULATED)
constexpr bool kEmulated = true;
#else
constexpr bool kEmulated = false;
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
constexpr bool kSlow = kEmulated || kSanitized;
#if defined(__SANITIZE_THREAD__)
constexpr bool kThreadSanitizer = true;
#else
constexpr bool kThreadSanitizer = false;
#endif

}  // namespace testing

#define TEST(name)                                            \
  static void test_##name();                                  \
  static testing::Test registered_##name(#name, test_##name); \
  static void test_##name()

#define CHECK(condition, ...)                                           \
  do {                                                                  \
    if (!(condition)) testing::failed(__FILE__, __LINE__, __VA_ARGS__); \
  } while (0)
