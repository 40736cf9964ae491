"""The models of the programme: each builds a `na62dump.signal.model.Model` from its file in config/signal/."""
