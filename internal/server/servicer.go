package server

func (s *Server) servicerIndex(r *request) error { return errNotFound }

func (s *Server) servicerNew(r *request) error { return errNotFound }

func (s *Server) servicerPreview(r *request) error { return errNotFound }

func (s *Server) servicerAdd(r *request) error { return errNotFound }

func (s *Server) servicerRemove(r *request) error { return errNotFound }

func (s *Server) servicerRefresh(r *request) error { return errNotFound }

func (s *Server) runShow(r *request) error { return errNotFound }
