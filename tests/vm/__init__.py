"""Proofs on a true virtual machine: what a container that shares this kernel cannot show."""
