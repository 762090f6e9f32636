#include "go_asm.h"
#include "textflag.h"

// func claim(r *run)
//
// Ask for the lines of r.at and r.times, to write to them.
TEXT ·claim(SB), NOSPLIT, $0-8
	MOVQ r+0(FP), DI
	LEAQ run__size(DI), SI
	ADDQ $run_at, DI

line:
	BYTE $0x0F; BYTE $0x0D; BYTE $0x0F // PREFETCHW (DI)
	ADDQ $64, DI
	CMPQ DI, SI
	JB   line
	RET
