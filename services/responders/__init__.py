"""The desks of one pillar: who takes it?"""
