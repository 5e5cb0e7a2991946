/* A guest that writes memory at a set rate, for tests of real migrations.
 *
 * Words of the kernel command line, decimal: fill=PAGES written once at the start, set=PAGES of
 * the working set, rate=PAGES written per second, in turn. Pages are of 4096 bytes from 16 MiB on.
 * The clock is the ACPI timer, which runs at 3.579545 MHz and survives a migration.
 */
typedef unsigned int u32;
typedef unsigned long long u64;

#define FIRST_PAGE 0x1000000u
#define PAGE 4096u
#define TIMER_PORT 0x608
#define TIMER_HZ 3579545u
#define TIMER_MASK 0xFFFFFFu

static inline u32 read_timer(void) {
  u32 value;
  __asm__ volatile("inl %%dx, %0" : "=a"(value) : "d"(TIMER_PORT));
  return value & TIMER_MASK;
}

static inline void write_serial(char c) {
  __asm__ volatile("outb %0, %1" : : "a"(c), "d"((unsigned short)0x3F8));
}

/* The number behind `name=`, or the default. */
static u32 option(const char *line, const char *name, u32 otherwise) {
  for (; line && *line; line++) {
    const char *a = line, *b = name;
    while (*b && *a == *b) a++, b++;
    if (*b || *a != '=') continue;
    u32 value = 0;
    for (a++; *a >= '0' && *a <= '9'; a++) value = value * 10 + (u32)(*a - '0');
    return value;
  }
  return otherwise;
}

static void write_page(u32 page, u32 value) {
  volatile u32 *words = (volatile u32 *)(FIRST_PAGE + page * PAGE);
  words[value % 1024] = value;
}

void guest_main(const u32 *information) {
  const char *line = (information[0] & 4) ? (const char *)information[4] : 0;
  u32 fill = option(line, "fill", 1024), set = option(line, "set", 256);
  u32 rate = option(line, "rate", 100);
  u32 value = 1, position = 0, last;
  u64 credit = 0; /* timer ticks times pages per second */

  for (u32 page = 0; page < fill; page++) write_page(page, page * 2654435761u + 1);
  for (const char *c = "ready\n"; *c; c++) write_serial(*c);

  last = read_timer();
  for (;;) {
    u32 now = read_timer();
    credit += (u64)((now - last) & TIMER_MASK) * rate;
    last = now;
    while (credit >= TIMER_HZ) {
      credit -= TIMER_HZ;
      value = value * 1664525u + 1013904223u;
      write_page(position, value);
      if (++position >= set) position = 0;
    }
    __asm__ volatile("pause");
  }
}
