"""What a fix has lent is due: more tasks, more units, wider bounds go back step by step, or are lent on.

Guide: none; the rows are ours. The guide raises counts and capacities and says nothing of their way back.
May change: only what the program has lent itself, towards the value before: provisioned units, bounds of autoscaling,
on-demand maxima, a service's count; one step at a time. Never: what somebody has changed since, a billing mode, anything
below the value before the loan.
"""
