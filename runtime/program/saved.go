package program

import (
	"errors"

	"github.com/streamon/streamon/runtime/image"
)

// Saver is a structure that can be written down and made again in another process. All
// that generated code adopts are Savers.
type Saver interface {
	// Form says how Save writes; what was written in another form cannot be loaded. It is
	// made with image.Form.
	Form() string
	// Save writes what the structure holds. It changes nothing.
	Save(w *image.Writer)
	// Load reads what Save wrote to a structure that has just been made. If it fails
	// the structure must not be used.
	Load(r *image.Reader) error
}

// Image is a structure that was written down.
type Image struct {
	Name, Layout string // as adopted
	Form         string // of Data
	Data         []byte
}

// images are what the first generation in a process inherits from.
type images struct {
	list    []Image
	useless string // why none of them can be taken; "" = they can
}

// Snapshot holds the images of one instance's structures, in the order of adoption. Its
// memory is used again by the next Save. The zero Snapshot is empty.
type Snapshot struct {
	images  []Image
	writers []*image.Writer
}

// Images returns what Save wrote last; it is valid until the next one.
func (s *Snapshot) Images() []Image { return s.images }

// Bytes returns the size of the images.
func (s *Snapshot) Bytes() (n int64) {
	for i := range s.images {
		n += int64(len(s.images[i].Data))
	}
	return n
}

// Save writes every structure to s. It fails for one that is no Saver. The instance
// must not be at work. Cost: the structures are read once, and what is not zero is copied.
func (m *Memory) Save(s *Snapshot) error {
	s.images = s.images[:0]
	for n, name := range m.order {
		from := m.slots[name]
		saver, ok := from.s.(Saver)
		if !ok {
			return errors.New("program: structure " + name + " cannot be saved")
		}
		if n == len(s.writers) {
			s.writers = append(s.writers, new(image.Writer))
		}
		w := s.writers[n]
		w.Reset()
		saver.Save(w)
		s.images = append(s.images, Image{Name: name, Layout: from.layout, Form: saver.Form(), Data: w.Bytes()})
	}
	return nil
}

// Restore returns the memory of a first generation that inherits from images, which
// must stay as they are until Settle. What does not fit is made new, by the rule of
// Adopt; Err says whether one of those that fit was damaged.
func Restore(list []Image) *Memory {
	m := NewMemory()
	m.images = &images{list: list}
	return m
}

// Err returns what is wrong with an image that was to be loaded. The instance that adopted
// from this memory must then not be used.
func (m *Memory) Err() error { return m.err }

// load fills s from its image, if there is one.
func (m *Memory) load(name, layout string, s Structure) Inheritance {
	img := m.image(name)
	if img == nil {
		return Inheritance{Name: name, Why: WhyNew}
	}
	saver, ok := s.(Saver)
	switch {
	case m.images.useless != "":
		return Inheritance{Name: name, Why: m.images.useless}
	case img.Layout != layout:
		return Inheritance{Name: name, Why: differently(img.Layout, layout)}
	case !ok:
		return Inheritance{Name: name, Why: "it cannot be loaded"}
	case img.Form != saver.Form():
		return Inheritance{Name: name, Why: "saved in another form: was " + img.Form + ", is " + saver.Form()}
	}
	if err := saver.Load(image.NewReader(img.Data)); err != nil {
		if m.err == nil {
			m.err = &ImageError{Name: name, Err: err}
		}
		return Inheritance{Name: name, Why: err.Error()}
	}
	return Inheritance{Name: name, Kept: true}
}

// image returns the image of a structure, nil if there is none.
func (m *Memory) image(name string) *Image {
	if m.images == nil {
		return nil
	}
	for i := range m.images.list {
		if img := &m.images.list[i]; img.Name == name {
			return img
		}
	}
	return nil
}

// needSeed is called after the core was adopted: without it all images are of no use,
// for their keys were hashed with another seed.
func (m *Memory) needSeed() {
	if m.images == nil || len(m.log) > 0 && m.log[len(m.log)-1].Kept {
		return
	}
	m.images.useless = "saved with a seed of hashes that is not known any more"
}

// ImageError is an image that a structure could not be loaded from.
type ImageError struct {
	Name string // of the structure
	Err  error  // of package image
}

// Error says which structure it is about.
func (e *ImageError) Error() string { return e.Name + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *ImageError) Unwrap() error { return e.Err }
