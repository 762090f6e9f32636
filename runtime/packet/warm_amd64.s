#include "go_asm.h"
#include "textflag.h"

// func warm(first *Packet, bits uint64)
//
// For each bit i: prefetch the first two lines of first[i].
TEXT ·warm(SB), NOSPLIT, $0-16
	MOVQ  first+0(FP), DI
	MOVQ  bits+8(FP), SI
	TESTQ SI, SI
	JZ    done

packet:
	BSFQ  SI, AX
	IMULQ $Packet__size, AX
	PREFETCHT0 (DI)(AX*1)
	PREFETCHT0 64(DI)(AX*1)
	LEAQ  -1(SI), BX
	ANDQ  BX, SI
	JNZ   packet

done:
	RET
