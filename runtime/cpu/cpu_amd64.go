// Package cpu says what the processor can do.
package cpu

// HasAVX2 reports whether the processor and the system have AVX2, POPCNT and BMI1:
// what the kernels of packages packet, sketch and dleft are written with.
var HasAVX2 = hasAVX2()

// IsAMD reports whether the processor is one of AMD's, or of Hygon's, which are built alike.
var IsAMD = isAMD()

// cpuid executes CPUID, xgetbv XGETBV 0.
func cpuid(leaf, sub uint32) (a, b, c, d uint32)
func xgetbv() (low, high uint32)

// Bits of CPUID (Intel SDM volume 2A, CPUID).
const (
	popcnt  = 1 << 23 // leaf 1, ECX
	osxsave = 1 << 27 // leaf 1, ECX
	avx     = 1 << 28 // leaf 1, ECX
	bmi1    = 1 << 3  // leaf 7, EBX
	avx2    = 1 << 5  // leaf 7, EBX
)

// isAMD reads the name of the vendor, twelve letters in EBX, EDX and ECX.
func isAMD() bool {
	_, b, c, d := cpuid(0, 0)
	name := [3]uint32{b, d, c}
	return name == [3]uint32{0x68747541, 0x69746e65, 0x444d4163} || // AuthenticAMD
		name == [3]uint32{0x6f677948, 0x6e65476e, 0x656e6975} // HygonGenuine
}

func hasAVX2() bool {
	top, _, _, _ := cpuid(0, 0)
	if top < 7 {
		return false
	}
	_, _, c, _ := cpuid(1, 0)
	if c&(popcnt|osxsave|avx) != popcnt|osxsave|avx {
		return false
	}
	if low, _ := xgetbv(); low&6 != 6 { // the system keeps the XMM and YMM registers
		return false
	}
	_, b, _, _ := cpuid(7, 0)
	return b&(bmi1|avx2) == bmi1|avx2
}
