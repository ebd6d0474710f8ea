package i18n

// Servicer are the words of the servicer pages.
type Servicer struct{}

var servicerZH = Servicer{}

var servicerEN = Servicer{}
