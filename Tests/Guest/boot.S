/* Entry of the recording guest: Multiboot 1, 32 bits, one processor. */
        .section .multiboot, "a"
        .align  4
        .long   0x1BADB002              /* magic, flags (memory information), checksum */
        .long   0x00000002
        .long   -(0x1BADB002 + 0x00000002)

        .text
        .globl  start
start:  cli
        lgdt    segments
        ljmp    $0x08, $1f
1:      movw    $0x10, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $stackTop, %esp
        pushl   %ebx                    /* Multiboot information: holds the command line */
        call    run
2:      cli
        hlt
        jmp     2b

        .globl  onTick                  /* timer: count and acknowledge */
onTick: pushl   %eax
        incl    ticks
        movb    $0x20, %al
        outb    %al, $0x20
        popl    %eax
        iret

        .data
        .align  8
table:  .quad   0
        .quad   0x00CF9A000000FFFF
        .quad   0x00CF92000000FFFF
segments:
        .word   23
        .long   table
        .globl  ticks
        .align  4
ticks:  .long   0

        .bss
        .align  4096
        .skip   8192
stackTop:
        .section .note.GNU-stack, "", @progbits
