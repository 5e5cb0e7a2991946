/* A multiboot kernel's first instructions: a stack, then the C part. */
    .set MAGIC, 0x1BADB002
    .set FLAGS, 0
    .section .multiboot, "a"
    .align 4
    .long MAGIC, FLAGS, -(MAGIC + FLAGS)

    .section .bss
    .align 16
stack:
    .skip 16384
stack_top:

    .section .text
    .global start
start:
    mov $stack_top, %esp
    push %ebx                   /* the boot loader's information */
    call guest_main
halt:
    hlt
    jmp halt
